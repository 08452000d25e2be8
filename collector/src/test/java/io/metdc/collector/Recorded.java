package io.metdc.collector;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.metdc.collector.cli.CommandLineInterface;
import io.metdc.collector.cli.Surroundings;
import io.metdc.collector.cli.Terminal;
import io.metdc.market.Market;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// Recorded frames, read as a user reads them: `cat DIR/binance-spot-* | metdc decode binance spot`.
final class Recorded {
    private Recorded() {}

    /// A trade as `decode` prints it; numbers with their trailing zeros.
    record Decoded(String symbol, String id, BigDecimal price, BigDecimal quantity, String side, long timeNanos) {}

    /// @param instruments the exchange's list, null to decode without it
    static List<Decoded> decode(Path folder, Market market, Path instruments) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(file -> file.getFileName().toString().startsWith(market + "-"))
                    .sorted()
                    .toList()) {
                Files.copy(file, all);
            }
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Terminal terminal = Terminal.of(new ByteArrayInputStream(all.toByteArray()), out, err);
        List<String> arguments = new ArrayList<>(
                List.of("decode", market.exchange().id(), market.type().id()));
        if (instruments != null) {
            arguments.addAll(List.of("--instruments", instruments.toString()));
        }
        int exitCode = new CommandLineInterface(new Surroundings(terminal, Map.of(), folder, folder), null)
                .execute(arguments.toArray(String[]::new));
        assertThat(err.toString(StandardCharsets.UTF_8)).contains(" 0 rejected, 0 unreadable");
        assertThat(exitCode).isZero();
        List<Decoded> trades = new ArrayList<>();
        ObjectMapper json = new ObjectMapper();
        for (String line : out.toString(StandardCharsets.UTF_8).lines().toList()) {
            JsonNode trade = json.readTree(line);
            trades.add(new Decoded(
                    trade.path("symbol").asText(),
                    trade.path("trade_id").asText(),
                    new BigDecimal(trade.path("price").asText()),
                    new BigDecimal(trade.path("quantity").asText()),
                    trade.path("side").asText(),
                    trade.path("time_ns").asLong()));
        }
        return trades;
    }
}
