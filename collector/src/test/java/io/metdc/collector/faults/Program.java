package io.metdc.collector.faults;

import io.metdc.collector.Metdc;
import io.metdc.market.Nanos;
import io.metdc.storage.journal.Acknowledged;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The program, as a process of its own that is killed and started again. Where it ends by itself it is
/// started again too, as its wrapper would. Any thread.
final class Program implements AutoCloseable {
    private static final Duration LOOK = Duration.ofMillis(50);
    private static final Duration AGAIN = Duration.ofSeconds(1);
    private static final Duration END = Duration.ofSeconds(20);

    private final Path folder;
    private final Path journal;
    private final SteppedClock clock;
    private final List<String> arguments;
    private final Thread supervisor;

    // guarded by this
    private final List<Span> away = new ArrayList<>();
    private final List<Acknowledgement> acknowledged = new ArrayList<>();
    private final List<String> exits = new ArrayList<>();
    private @Nullable Metdc metdc;
    private boolean wanted;
    private boolean ready;
    private long awaySince;
    private int lives;

    /// What was acknowledged when a life ended.
    record Acknowledgement(int life, Acknowledged number) {}

    /// @param folder    where what it says is kept, one file a life
    /// @param journal   its folder
    /// @param arguments of the command
    Program(Path folder, Path journal, SteppedClock clock, List<String> arguments) {
        this.folder = folder;
        this.journal = journal;
        this.clock = clock;
        this.arguments = List.copyOf(arguments);
        awaySince = now();
        supervisor = Thread.ofVirtual().name("supervisor").start(this::supervise);
    }

    synchronized void start() {
        wanted = true;
        if (metdc != null) {
            return;
        }
        lives++;
        ready = false;
        try {
            metdc = Metdc.start(said(lives), clock, arguments.toArray(String[]::new));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// SIGKILL.
    synchronized void kill() throws InterruptedException {
        wanted = false;
        Metdc running = metdc;
        if (running != null) {
            long at = now();
            running.kill();
            ended(at);
        }
    }

    /// SIGSTOP.
    ///
    /// @return what ends it: SIGCONT, if the process is still there
    synchronized Runnable stop() {
        Metdc running = metdc;
        if (running == null) {
            return () -> {};
        }
        signal("-STOP", running);
        return () -> signal("-CONT", running);
    }

    private static void signal(String signal, Metdc to) {
        if (!to.isAlive()) {
            return;
        }
        try {
            Process kill = new ProcessBuilder("kill", signal, Long.toString(to.pid()))
                    .inheritIO()
                    .start();
            kill.waitFor(5, TimeUnit.SECONDS);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// SIGTERM.
    ///
    /// @return whether it ended in order and said that everything is stored
    synchronized boolean end() throws InterruptedException {
        wanted = false;
        Metdc running = metdc;
        if (running == null) {
            return false;
        }
        long at = now();
        int exitCode = running.terminate(END);
        ended(at);
        return exitCode == 0 && read(lives).contains("everything received is stored");
    }

    /// It is gone since then.
    private synchronized void ended(long at) {
        metdc = null;
        if (ready) {
            awaySince = at;
        }
        ready = false;
        try {
            acknowledged.add(new Acknowledgement(lives, Acknowledged.read(journal)));
        } catch (IOException e) {
            // killed before it had a journal
        }
    }

    private void supervise() {
        try {
            while (true) {
                Thread.sleep(LOOK);
                if (look()) {
                    Thread.sleep(AGAIN);
                    restart();
                }
            }
        } catch (InterruptedException e) {
            // the kit is done
        }
    }

    /// @return whether it ended by itself
    private synchronized boolean look() {
        Metdc running = metdc;
        if (running == null) {
            return false;
        }
        if (!running.isAlive()) {
            exits.add(String.format(Locale.ROOT, "life %d ended by itself: %s", lives, lastLine(lives)));
            ended(now());
            return true;
        }
        if (!ready && read(lives).contains("collecting:")) {
            ready = true;
            away.add(new Span(awaySince, now()));
        }
        return false;
    }

    private synchronized void restart() {
        if (wanted && metdc == null) {
            start();
        }
    }

    private String lastLine(int life) {
        List<String> lines = read(life).lines().toList();
        return lines.isEmpty() ? "" : lines.getLast();
    }

    private String read(int life) {
        try {
            return Files.exists(said(life)) ? Files.readString(said(life)) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path said(int life) {
        return folder.resolve(String.format(Locale.ROOT, "metdc-%04d.out", life));
    }

    private static long now() {
        return Nanos.of(Instant.now());
    }

    synchronized boolean isReady() {
        return ready;
    }

    synchronized int lives() {
        return lives;
    }

    /// When it was not collecting.
    synchronized List<Span> away() {
        List<Span> all = new ArrayList<>(away);
        if (!ready) {
            all.add(new Span(awaySince, Long.MAX_VALUE));
        }
        return all;
    }

    /// What was acknowledged at the end of each life.
    synchronized List<Acknowledgement> acknowledged() {
        return List.copyOf(acknowledged);
    }

    /// Ends that nobody had asked for.
    synchronized List<String> exits() {
        return List.copyOf(exits);
    }

    String lastWords() {
        return read(lives());
    }

    @Override
    public void close() {
        supervisor.interrupt();
        try {
            supervisor.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        synchronized (this) {
            Metdc running = metdc;
            metdc = null;
            if (running != null) {
                running.close();
            }
        }
    }
}
