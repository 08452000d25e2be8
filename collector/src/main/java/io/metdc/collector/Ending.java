package io.metdc.collector;

import io.metdc.collector.cli.ExitCode;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Turns SIGTERM and Ctrl-C into an interrupt of the main thread and lets the process live until that has ended in
/// order: what was begun is finished, and the exit code is ours instead of the usual 143.
final class Ending implements AutoCloseable {
    /// Whoever tells a process to end usually waits ten seconds before worse.
    private static final Duration LAST_MOMENT = Duration.ofMillis(9_700);

    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread hook;

    private Ending(Thread main, int exitCode) {
        hook = new Thread(
                () -> {
                    main.interrupt();
                    Runtime.getRuntime().halt(waited() ? exitCode : ExitCode.FAILED);
                },
                "ending");
    }

    /// From now until [#close()] the end of the process interrupts this thread.
    ///
    /// @param exitCode of a process that was told to end and did so in order
    static Ending of(Thread main, int exitCode) {
        Ending ending = new Ending(main, exitCode);
        Runtime.getRuntime().addShutdownHook(ending.hook);
        return ending;
    }

    private boolean waited() {
        try {
            return ended.await(LAST_MOMENT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            return false;
        }
    }

    /// What had to be ended in order is.
    @Override
    public void close() {
        ended.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is ending already: the hook has what it waited for.
        }
    }
}
