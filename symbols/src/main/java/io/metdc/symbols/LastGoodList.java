package io.metdc.symbols;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.metdc.market.Failure;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The list of a market that was believed last, kept in a file so that a start needs no answer from the exchange.
final class LastGoodList {
    private static final Logger log = LoggerFactory.getLogger(LastGoodList.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Market market;
    private final URI restUrl;
    private final Path file;

    LastGoodList(Market market, URI restUrl, Path folder) {
        this.market = market;
        this.restUrl = restUrl;
        this.file = folder.resolve(market + ".json");
    }

    Path file() {
        return file;
    }

    /// Empty when there is none, or when it cannot be read, which is said in the log.
    Optional<InstrumentList> read(Failure trouble) {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            JsonNode root = JSON.readTree(file.toFile());
            if (!root.path("rest_url").asText().equals(restUrl.toString())) {
                return Optional.empty(); // another exchange, a simulated one perhaps
            }
            if (!KrwList.canBeWhole(market, root.path("offered").asInt())) {
                return Optional.empty(); // kept before such a list was refused
            }
            List<Instrument> instruments = new ArrayList<>();
            for (JsonNode row : root.path("instruments")) {
                instruments.add(new Instrument(
                        market,
                        row.path("symbol").asText(),
                        row.path("base").asText(),
                        row.path("quote").asText(),
                        row.path("settle").asText(),
                        new BigDecimal(row.path("contract_size").asText()),
                        new BigDecimal(row.path("multiplier").asText()),
                        new Instrument.Scales(
                                row.path("price_scale").asInt(),
                                row.path("size_scale").asInt())));
            }
            return Optional.of(new InstrumentList(
                    market,
                    instruments,
                    root.path("offered").asInt(),
                    leftOut(root.path("left_out")),
                    Instant.parse(root.path("taken_at").asText()),
                    trouble));
        } catch (IOException | IllegalArgumentException | DateTimeException e) {
            log.warn("the last good list {} cannot be read and is left aside: {}", file, e.toString());
            return Optional.empty();
        }
    }

    private static Map<String, String> leftOut(JsonNode rules) {
        Map<String, String> leftOut = new HashMap<>();
        rules.properties()
                .forEach(rule -> leftOut.put(rule.getKey(), rule.getValue().asText()));
        return leftOut;
    }

    /// Replaces the file as a whole. That it cannot be written is said in the log and stops nothing.
    void write(InstrumentList list) {
        ObjectNode root = JSON.createObjectNode();
        root.put("market", market.toString());
        root.put("rest_url", restUrl.toString());
        root.put("taken_at", list.takenAt().toString());
        root.put("offered", list.offered());
        ArrayNode rows = root.putArray("instruments");
        for (Instrument instrument : list.instruments()) {
            rows.addObject()
                    .put("symbol", instrument.symbol())
                    .put("base", instrument.base())
                    .put("quote", instrument.quote())
                    .put("settle", instrument.settle())
                    .put("contract_size", instrument.contractSize().toPlainString())
                    .put("multiplier", instrument.multiplier().toPlainString())
                    .put("price_scale", instrument.scales().price())
                    .put("size_scale", instrument.scales().size());
        }
        ObjectNode leftOut = root.putObject("left_out");
        new TreeMap<>(list.dropped()).forEach(leftOut::put);
        try {
            AtomicFile.write(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(root));
        } catch (JacksonException e) {
            throw new IllegalStateException("a tree of our own cannot be written", e);
        } catch (IOException e) {
            log.warn("the list of {} cannot be kept in {}: {}", market, file, e.toString());
        }
    }
}
