package io.metdc.collector.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.metdc.collector.config.MarketSettings;
import io.metdc.collector.config.Settings;
import io.metdc.collector.frames.FrameRecording;
import io.metdc.collector.probe.Probe;
import io.metdc.collector.probe.ProbeReport;
import io.metdc.collector.probe.Verdict;
import io.metdc.market.Exchange;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `metdc probe`.
@Command(
        name = "probe",
        description = {
            "Tries the exchanges out, on the socket and by REST.",
            "",
            "Gives a verdict on each thing that metdc relies on and that may have changed since it was written. Nothing is"
                    + " stored but what --record-frames keeps. Ends with 3 when something does not hold any more."
        })
final class ProbeCommand implements Callable<Integer> {
    private static final int WIDTH = 78;
    private static final String INDENT = " ".repeat(12);

    private final Surroundings surroundings;

    @Mixin
    private ConfigurationOptions options = new ConfigurationOptions();

    @Mixin
    private RecordingOptions recordingOptions = new RecordingOptions();

    @Parameters(
            arity = "0..*",
            paramLabel = "EXCHANGE",
            description = "Which exchanges. Default: all that are switched on.")
    private List<String> exchanges = new ArrayList<>();

    @Option(
            names = "--duration",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = "How long to listen. Default: 60s.")
    private @Nullable Duration duration;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    ProbeCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws Exception {
        Settings settings = options.load(surroundings).settings();
        List<MarketSettings> markets = settings.collected().stream()
                .filter(market -> exchanges.isEmpty()
                        || exchanges.stream()
                                .anyMatch(name -> Exchange.of(name)
                                        .equals(java.util.Optional.of(
                                                market.market().exchange()))))
                .toList();
        for (String name : exchanges) {
            if (markets.stream()
                    .noneMatch(market -> market.market().exchange().id().equalsIgnoreCase(name))) {
                throw CommandException.usage("'" + name + "' is no exchange that is switched on");
            }
        }
        Duration time = duration == null ? Duration.ofSeconds(60) : duration;
        List<ProbeReport> reports;
        PrintStream err = surroundings.terminal().err();
        try (Recorder recorder = new Recorder(recordingOptions.open(surroundings), err)) {
            err.println("listening to " + markets.size() + " markets for " + time.toSeconds() + " s …");
            reports = probe(settings, markets, time, recorder.recording);
        }
        PrintStream out = surroundings.terminal().out();
        if (json) {
            out.println(json(reports));
        } else {
            reports.forEach(report -> print(report, out));
        }
        return reports.stream().allMatch(ProbeReport::isFine) ? ExitCode.OK : ExitCode.FOUND;
    }

    /// Ends the recording, if there is one, and says what is in it; also when the process is told to end, for there is
    /// nothing else that a probe would have to end in order.
    private static final class Recorder implements AutoCloseable {
        private final @Nullable FrameRecording recording;
        private final PrintStream err;
        private final Thread hook = new Thread(this::end, "frames-end");

        Recorder(@Nullable FrameRecording recording, PrintStream err) {
            this.recording = recording;
            this.err = err;
            Runtime.getRuntime().addShutdownHook(hook);
        }

        private void end() {
            if (recording != null) {
                recording.close();
                err.println(recording.summary());
            }
        }

        @Override
        public void close() {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
                end();
            } catch (IllegalStateException e) {
                // The process is ending already, and the hook at work.
            }
        }
    }

    private static List<ProbeReport> probe(
            Settings settings, List<MarketSettings> markets, Duration time, @Nullable FrameRecording recording)
            throws InterruptedException, ExecutionException {
        LoggerFactory.getILoggerFactory(); // begun by several threads at once, it warns of itself on the console
        List<Future<ProbeReport>> running = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (MarketSettings market : markets) {
                var probe = new Probe(
                        market.connector(),
                        market.address(),
                        market.restUrl(),
                        settings.network().to(market),
                        time,
                        recording,
                        InstantSource.system());
                running.add(threads.submit(probe::run));
            }
            List<ProbeReport> reports = new ArrayList<>();
            for (Future<ProbeReport> one : running) {
                reports.add(one.get());
            }
            return reports;
        }
    }

    private static void print(ProbeReport report, PrintStream out) {
        out.printf(
                Locale.ROOT,
                "%s · %,d trades of %s%n",
                report.market(),
                report.trades(),
                report.instruments().isEmpty() ? "nothing" : String.join(", ", report.instruments()));
        for (Verdict verdict : report.verdicts()) {
            String text = verdict.what() + (verdict.measured().isEmpty() ? "" : ": " + verdict.measured());
            wrap(String.format(Locale.ROOT, "  %-9s %s", verdict.outcome(), text), out);
            if (!verdict.advice().isEmpty()) {
                wrap(INDENT + "→ " + verdict.advice(), out);
            }
        }
        out.println();
    }

    private static void wrap(String text, PrintStream out) {
        String left = text;
        while (left.length() > WIDTH) {
            int blank = left.lastIndexOf(' ', WIDTH);
            int at = blank > INDENT.length() ? blank : WIDTH;
            out.println(left.substring(0, at));
            left = INDENT + left.substring(at).strip();
        }
        out.println(left);
    }

    private static String json(List<ProbeReport> reports) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            json.writeStartObject();
            json.writeArrayFieldStart("markets");
            for (ProbeReport report : reports) {
                json.writeStartObject();
                json.writeStringField("exchange", report.market().exchange().id());
                json.writeStringField("market", report.market().type().id());
                json.writeNumberField("trades", report.trades());
                json.writeArrayFieldStart("verdicts");
                for (Verdict verdict : report.verdicts()) {
                    json.writeStartObject();
                    json.writeStringField("outcome", verdict.outcome().name().toLowerCase(Locale.ROOT));
                    json.writeStringField("what", verdict.what());
                    json.writeStringField("measured", verdict.measured());
                    json.writeStringField("advice", verdict.advice());
                    json.writeEndObject();
                }
                json.writeEndArray();
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeBooleanField("ok", reports.stream().allMatch(ProbeReport::isFine));
            json.writeEndObject();
        }
        return text.toString();
    }
}
