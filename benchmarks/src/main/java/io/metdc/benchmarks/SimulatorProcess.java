package io.metdc.benchmarks;

import io.metdc.simulator.Sent;
import io.metdc.simulator.Simulator;
import io.metdc.simulator.SimulatorOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The simulated exchanges in a process of their own, which ends with its parent. It answers each line that it reads
/// with a line: `sent` with how many trades it has sent, `stop` with the same once it has ended trading and all is
/// sent.
///
/// What the program reads with [#main(String\[\])] is what [#start(Load, Path)] says.
final class SimulatorProcess implements AutoCloseable {
    private static final String SENT = "sent";
    private static final String STOP = "stop";

    /// What is to be sent.
    ///
    /// @param rate           prints a second, both markets together
    /// @param framesPerWrite when as many are due together
    /// @param instruments    of each market
    record Load(int rate, int framesPerWrite, int instruments, boolean tls) {}

    private final Process process;
    private final Writer to;
    private final BufferedReader from;

    private SimulatorProcess(Process process) {
        this.process = process;
        this.to = process.outputWriter(StandardCharsets.UTF_8);
        this.from = process.inputReader(StandardCharsets.UTF_8);
    }

    /// Starts it; the markets are open when this returns.
    ///
    /// @param configuration where to write what points a collector there; a certificate is put beside it
    static SimulatorProcess start(Load load, Path configuration) throws IOException {
        List<String> command = new ArrayList<>(Java.command("-Xmx1g", "-XX:+UseSerialGC"));
        command.addAll(List.of(
                SimulatorProcess.class.getName(),
                Integer.toString(load.rate),
                Integer.toString(load.framesPerWrite),
                Integer.toString(load.instruments),
                Boolean.toString(load.tls),
                configuration.toString()));
        SimulatorProcess simulator = new SimulatorProcess(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
        simulator.answer();
        return simulator;
    }

    /// Trades written to sockets so far.
    long sent() throws IOException {
        return ask(SENT);
    }

    /// Ends trading and waits until everything is sent.
    ///
    /// @return how many trades that were in all
    long stop() throws IOException {
        return ask(STOP);
    }

    double cpuSeconds() throws IOException {
        return new LinuxProcess(process.pid()).cpuSeconds();
    }

    private long ask(String question) throws IOException {
        to.write(question + "\n");
        to.flush();
        return answer();
    }

    private long answer() throws IOException {
        String line = from.readLine();
        if (line == null) {
            throw new IOException("the simulator has ended");
        }
        return Long.parseLong(line);
    }

    @Override
    public void close() throws IOException {
        to.close(); // it ends then
        from.close();
    }

    public static void main(String[] args) throws Exception {
        Load load = new Load(
                Integer.parseInt(args[0]),
                Integer.parseInt(args[1]),
                Integer.parseInt(args[2]),
                Boolean.parseBoolean(args[3]));
        Path configuration = Path.of(args[4]);
        PrintStream out = System.out;
        try (Simulator simulator = Simulator.start(SimulatorOptions.builder()
                        .rate(load.rate)
                        .framesPerWrite(load.framesPerWrite)
                        .instruments(load.instruments)
                        .tls(load.tls)
                        .caFile(configuration.resolveSibling("simulator.pem"))
                        .build());
                BufferedReader questions =
                        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            Files.writeString(configuration, simulator.configuration());
            out.println(0);
            questions.lines().forEach(question -> out.println(answer(simulator, question)));
        }
    }

    private static long answer(Simulator simulator, String question) {
        try {
            if (question.equals(STOP) && !simulator.stopTrading()) {
                throw new IllegalStateException("the collector does not take what was sent to it");
            }
            return simulator.report().stream().mapToLong(Sent::rows).sum();
        } catch (InterruptedException e) {
            throw new UncheckedIOException(new IOException(e));
        }
    }
}
