package io.metdc.benchmarks;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.metdc.connectors.Connector;
import io.metdc.connectors.Connectors;
import io.metdc.connectors.Frame;
import io.metdc.connectors.InstrumentPage.Listing;
import io.metdc.connectors.Instruments;
import io.metdc.connectors.Message;
import io.metdc.connectors.Network;
import io.metdc.connectors.RestClient;
import io.metdc.connectors.Session;
import io.metdc.connectors.SymbolTable;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.Nanos;
import io.metdc.market.Row;
import io.metdc.market.Trade;
import io.metdc.simulator.Address;
import io.metdc.simulator.Simulator;
import io.metdc.simulator.SimulatorOptions;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
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

/// One frame of trades → trades, against what Jackson alone needs for the same bytes. 1024 frames of 40 instruments
/// take turns, taken from a simulated exchange's socket before anything is measured; snapshots are left out.
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
    private static final int LONGEST = 16 << 10; // a snapshot is longer

    /// The keys whose values make a trade, of all exchanges together; a row that is an array has none.
    private static final Set<String> WANTED = Set.of(
            "s",
            "p",
            "q",
            "t",
            "T",
            "m",
            "X",
            "i",
            "v",
            "S",
            "BT",
            "RPI",
            "instId",
            "tradeId",
            "px",
            "sz",
            "side",
            "ts",
            "source",
            "symbol",
            "price",
            "size",
            "time",
            "id",
            "id_market",
            "create_time_ms",
            "currency_pair",
            "amount",
            "contract",
            "is_internal",
            "code",
            "trade_price",
            "trade_volume",
            "ask_bid",
            "trade_timestamp",
            "sequential_id",
            "stream_type",
            "sequence",
            "type");

    @Param({
        "binance-spot",
        "binance-futures",
        "bybit-spot",
        "bybit-futures",
        "okx-spot",
        "okx-futures",
        "kucoin-spot",
        "kucoin-futures",
        "gate-spot",
        "gate-futures",
        "phemex-spot",
        "phemex-futures",
        "upbit-spot"
    })
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
    public void setUp() throws Exception {
        Market chosen = SimulatorOptions.ALL_MARKETS.stream()
                .filter(known -> known.toString().equals(market))
                .findFirst()
                .orElseThrow();
        connector = Connectors.of(chosen).orElseThrow();
        receivedAtNanos = Nanos.of(Instant.now());
        SimulatorOptions options =
                SimulatorOptions.builder().markets(chosen).rate(20_000).build();
        try (Simulator simulator = Simulator.start(options)) {
            frames = record(simulator.address(chosen));
        }
    }

    private byte[][] record(Address address) throws Exception {
        List<byte[]> recorded = new ArrayList<>();
        var enough = new CountDownLatch(1);
        try (RestClient rest = new RestClient(connector, address.rest(), Network.DEFAULT, InstantSource.system())) {
            List<Instrument> listed = rest.instruments().stream()
                    .map(Listing::instrument)
                    .filter(Objects::nonNull)
                    .toList();
            instruments = new SymbolTable(listed);
            try (Session session = Session.open(
                    "decode",
                    connector,
                    connector.endpoint(address.websocket(), "decode", rest.ticket()),
                    Network.DEFAULT,
                    instruments,
                    _ -> {},
                    InstantSource.system(),
                    (bytes, offset, length, at) -> {
                        byte[] copy = Arrays.copyOfRange(bytes, offset, offset + length);
                        if (recorded.size() < FRAMES && length < LONGEST && hasTrade(copy)) {
                            recorded.add(copy);
                        } else if (recorded.size() == FRAMES) {
                            enough.countDown();
                        }
                    })) {
                session.subscribe(listed);
                if (!enough.await(60, TimeUnit.SECONDS)) {
                    throw new IOException(recorded.size() + " frames of " + market + " only");
                }
            }
        }
        return recorded.toArray(byte[][]::new);
    }

    private boolean hasTrade(byte[] bytes) {
        List<Row> rows = switch (connector.read(Frame.of(bytes, receivedAtNanos), instruments)) {
            case Message.Rows read -> read.rows();
            case Message.Unnumbered read -> read.rows();
            default -> List.of();
        };
        return !rows.isEmpty() && rows.stream().allMatch(Trade.class::isInstance);
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
            boolean wanted = true;
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                switch (token) {
                    case FIELD_NAME -> wanted = WANTED.contains(parser.currentName());
                    case VALUE_STRING -> {
                        if (wanted) {
                            hole.consume(parser.getText());
                        }
                    }
                    case VALUE_NUMBER_INT -> {
                        if (wanted) {
                            if (parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
                                hole.consume(parser.getText()); // sizes of twenty digits
                            } else {
                                hole.consume(parser.getLongValue());
                            }
                        }
                    }
                    case VALUE_NUMBER_FLOAT -> {
                        if (wanted) {
                            hole.consume(parser.getText());
                        }
                    }
                    case START_ARRAY -> wanted = true;
                    default -> {}
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
