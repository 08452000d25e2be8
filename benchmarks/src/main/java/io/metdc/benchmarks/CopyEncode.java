package io.metdc.benchmarks;

import io.metdc.market.Nanos;
import io.metdc.market.TakerSide;
import io.metdc.market.Trade;
import io.metdc.storage.TradeEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/// Rows → the bytes of `COPY … (FORMAT binary)`, against the same rows as the text that COPY takes too.
///
/// Run: `java -cp 'benchmarks/target/lib/*' io.metdc.benchmarks.CopyEncode [rounds]`
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@OperationsPerInvocation(CopyEncode.ROWS)
public class CopyEncode {
    static final int ROWS = 5_000;

    private static final int BUFFER = 1 << 16;

    private final List<Trade> trades = Tape.of(Tape.SPOT, 500, ROWS, Nanos.of(Instant.parse("2026-11-21T10:30:00Z")))
            .trades();
    private long bytes;

    public static void main(String[] args) throws Exception {
        Comparison.of(CopyEncode.class, "text", args).print();
    }

    @Benchmark
    public long binary(Blackhole hole) throws SQLException {
        TradeEncoder encoder = new TradeEncoder(BUFFER, (buffer, offset, length) -> {
            bytes += length;
            hole.consume(buffer);
        });
        encoder.begin();
        for (int i = 0; i < ROWS; i++) {
            encoder.row(i % 500, trades.get(i));
        }
        encoder.end();
        return bytes;
    }

    @Benchmark
    public long text(Blackhole hole) {
        StringBuilder rows = new StringBuilder(BUFFER);
        for (int i = 0; i < ROWS; i++) {
            Trade trade = trades.get(i);
            rows.append(trade.executedAt())
                    .append('\t')
                    .append(trade.receivedAt())
                    .append('\t')
                    .append(trade.id().number())
                    .append('\t')
                    .append(trade.sequence())
                    .append('\t')
                    .append(i % 500)
                    .append('\t')
                    .append(trade.executedAtNanos() % Nanos.PER_MICRO)
                    .append('\t')
                    .append(trade.takerSide() == TakerSide.SELL ? -1 : 1)
                    .append("\t0\t0\t")
                    .append(trade.price().toPlainString())
                    .append('\t')
                    .append(trade.size().toPlainString())
                    .append('\t')
                    .append(trade.id().text())
                    .append('\n');
            if (rows.length() > BUFFER - 1024) {
                byte[] written = rows.toString().getBytes(StandardCharsets.UTF_8);
                bytes += written.length;
                hole.consume(written);
                rows.setLength(0);
            }
        }
        hole.consume(rows.toString().getBytes(StandardCharsets.UTF_8));
        return bytes;
    }
}
