package io.metdc.benchmarks;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.metdc.connectors.Connector;
import io.metdc.connectors.Connectors;
import io.metdc.connectors.Frame;
import io.metdc.connectors.Instruments;
import io.metdc.connectors.Message;
import io.metdc.connectors.SymbolTable;
import io.metdc.market.Market;
import io.metdc.market.Nanos;
import io.metdc.market.Trade;
import java.io.IOException;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/// One trade frame → one trade, against what Jackson alone needs for the same bytes. 1024 frames of 500 instruments
/// take turns.
///
/// Run: `java -cp 'benchmarks/target/lib/*' io.metdc.benchmarks.Decode [rounds]`
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@SuppressWarnings("NullAway.Init") // JMH calls what is marked @Setup first
public class Decode {
    private static final int FRAMES = 1 << 10;
    private static final int INSTRUMENTS = 500;
    private static final Instant END = Instant.parse("2026-11-21T10:30:00Z");

    @Param({"spot", "futures"})
    private String market;

    private byte[][] frames;
    private Connector connector;
    private Instruments instruments;
    private long receivedAtNanos;
    private final Frame frame = new Frame();
    private final JsonFactory json = new JsonFactory();
    private final ObjectMapper mapper = new ObjectMapper();
    private int next;

    public static void main(String[] args) throws Exception {
        Comparison.of(Decode.class, "bareStreaming", args).print();
    }

    @Setup
    public void setUp() throws IOException {
        Market chosen = market.toUpperCase(Locale.ROOT).equals("SPOT") ? Tape.SPOT : Tape.FUTURES;
        Tape tape = Tape.of(chosen, INSTRUMENTS, FRAMES, Nanos.of(END));
        frames = tape.frames();
        connector = Connectors.of(chosen).orElseThrow();
        instruments = new SymbolTable(tape.instruments());
        receivedAtNanos = Nanos.of(END);
        for (int i = 0; i < FRAMES; i++) { // what is measured must be the reading of a trade, and of the right one
            Message message = connector.read(frame.set(frames[i], 0, frames[i].length, receivedAtNanos), instruments);
            Trade expected = tape.trades().get(i);
            if (!(message instanceof Message.Rows(var rows)
                    && rows.getFirst() instanceof Trade trade
                    && trade.id().equals(expected.id())
                    && trade.price().compareTo(expected.price()) == 0
                    && trade.executedAtNanos() == expected.executedAtNanos())) {
                throw new IOException("read as " + message + ", not as " + expected);
            }
        }
    }

    private byte[] next() {
        next = (next + 1) & (FRAMES - 1);
        return frames[next];
    }

    /// What the collector does with a frame.
    @Benchmark
    public Message connector() {
        byte[] bytes = next();
        return connector.read(frame.set(bytes, 0, bytes.length, receivedAtNanos), instruments);
    }

    /// The bound: every token visited, the values that make a trade read by Jackson's own accessors, and nothing made
    /// of them.
    @Benchmark
    public void bareStreaming(Blackhole hole) throws IOException {
        try (JsonParser parser = json.createParser(next())) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token == JsonToken.FIELD_NAME) {
                    switch (parser.currentName()) {
                        case "s", "p", "q" -> {
                            parser.nextToken();
                            hole.consume(parser.getText());
                        }
                        case "t", "T" -> {
                            parser.nextToken();
                            hole.consume(parser.getLongValue());
                        }
                        case "m" -> hole.consume(parser.nextToken());
                        default -> {}
                    }
                }
            }
        }
    }

    /// The usual way.
    @Benchmark
    public JsonNode readTree() throws IOException {
        return mapper.readTree(next());
    }
}
