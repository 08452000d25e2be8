package io.metdc.collector.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// On Ctrl-C what runs is given up, and the main thread gets the time to close what it has opened. While it is open.
final class Interruption implements AutoCloseable {
    private static final Duration END = Duration.ofSeconds(30);

    private final CountDownLatch done = new CountDownLatch(1);
    private final Thread hook;

    /// @param giveUp makes the main thread end soon
    Interruption(Runnable giveUp) {
        hook = new Thread(() -> end(giveUp), "interruption");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private void end(Runnable giveUp) {
        giveUp.run();
        try {
            boolean _ = done.await(END.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        done.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The end has begun already, and the hook runs.
        }
    }
}
