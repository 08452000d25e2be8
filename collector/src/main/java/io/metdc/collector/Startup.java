package io.metdc.collector;

import io.metdc.storage.DatabaseException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs the stages of a start, each announced and each with a time-out: a start that hangs anywhere ends with an
/// error that names the stage.
final class Startup {
    private static final Logger log = LoggerFactory.getLogger(Startup.class);

    private Startup() {}

    /// Runs one stage on a thread of its own and waits for it.
    ///
    /// @throws StartFailed when the stage fails or takes longer than allowed; it is interrupted then
    static <T> T stage(String name, Duration limit, Callable<T> work) throws StartFailed, InterruptedException {
        log.info("starting {}", name);
        long began = System.nanoTime();
        FutureTask<T> task = new FutureTask<>(work);
        Thread thread =
                Thread.ofVirtual().name("start-" + name.replace(' ', '-')).start(task);
        try {
            T result = task.get(limit.toMillis(), TimeUnit.MILLISECONDS);
            log.info("{} ready after {} ms", name, (System.nanoTime() - began) / 1_000_000);
            return result;
        } catch (TimeoutException e) {
            StringBuilder where = new StringBuilder();
            for (StackTraceElement frame : thread.getStackTrace()) {
                where.append("\n    at ").append(frame);
            }
            log.debug("the stage hangs{}", where);
            throw new StartFailed(
                    "the start hangs: stage '" + name + "' is not through after " + limit.toSeconds() + " s", e);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            String what = cause.getMessage() == null ? cause.toString() : cause.getMessage();
            boolean explained = cause instanceof StartFailed
                    || cause instanceof FolderUnusable
                    || cause instanceof DatabaseException;
            throw new StartFailed(explained ? what : "stage '" + name + "' failed: " + what, cause);
        } finally {
            thread.interrupt();
        }
    }
}
