package io.metdc.collector;

import io.metdc.collector.faults.SteppedClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// metdc as a process of its own, so that it can be killed.
public final class Metdc implements AutoCloseable {
    private final Process process;
    private final Path log;

    private Metdc(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /// Starts a command; what it says is appended to the file. Arguments that begin with `-D` are for the JVM.
    static Metdc start(Path log, String... arguments) throws IOException {
        return start(Main.class, log, arguments);
    }

    /// The same with a clock that [SteppedClock] sets.
    public static Metdc start(Path log, SteppedClock clock, String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of("-D" + SteppedMain.CLOCK + "=" + clock.file()));
        all.addAll(List.of(arguments));
        return start(SteppedMain.class, log, all.toArray(String[]::new));
    }

    private static Metdc start(Class<?> main, Path log, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1", // many short lives: compiling well never pays
                "-Xmx384m",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))));
        command.addAll(Stream.of(arguments).filter(Metdc::isForJvm).toList());
        command.add(main.getName());
        command.addAll(
                Stream.of(arguments).filter(argument -> !isForJvm(argument)).toList());
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        return new Metdc(process, log);
    }

    private static boolean isForJvm(String argument) {
        return argument.startsWith("-D");
    }

    /// SIGKILL: no code of the process runs any more.
    public void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    /// SIGTERM.
    ///
    /// @return the exit code
    public int terminate(Duration within) throws InterruptedException {
        process.destroy();
        return awaitExit(within);
    }

    int awaitExit(Duration within) throws InterruptedException {
        if (!process.waitFor(within.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError("still running after " + within + ":\n" + said());
        }
        return process.exitValue();
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /// Everything it said, on both streams.
    public String said() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            return "unreadable: " + e;
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
    }
}
