package io.metdc.connectors;

import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.Row;
import io.metdc.market.Trade;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// Recorded frames and answers, which stay outside of the repository: `-Dmetdc.frames=DIR`.
final class Recorded {
    private final String exchange;

    Recorded(String exchange) {
        this.exchange = exchange;
    }

    byte[] bytes(String file) throws IOException {
        return Files.readAllBytes(Path.of(System.getProperty("metdc.frames"), exchange, file));
    }

    List<String> lines(String file) throws IOException {
        return Files.readAllLines(Path.of(System.getProperty("metdc.frames"), exchange, file));
    }

    /// The instruments that these answers of the exchange say are collected.
    static List<Instrument> collected(Connector connector, byte[]... answers) throws UnreadableAnswer {
        List<Instrument> collected = new ArrayList<>();
        for (byte[] answer : answers) {
            connector.readInstruments(answer).listings().stream()
                    .map(InstrumentPage.Listing::instrument)
                    .filter(Objects::nonNull)
                    .forEach(collected::add);
        }
        return collected;
    }

    static List<String> symbols(List<Instrument> instruments) {
        return instruments.stream().map(Instrument::symbol).toList();
    }

    /// The trades of each frame, as `decode` gives them.
    List<List<Trade>> trades(Connector connector, String file, Instruments instruments) throws IOException {
        Occurrences occurrences = Occurrences.ofDecoding();
        List<List<Trade>> trades = new ArrayList<>();
        for (String line : lines(file)) {
            List<Row> rows = switch (connector.read(Frame.of(line, 0), instruments)) {
                case Message.Rows(var found) -> found;
                case Message.Unnumbered unnumbered -> occurrences.take(unnumbered);
                default -> List.of();
            };
            trades.add(rows.stream()
                    .filter(Trade.class::isInstance)
                    .map(Trade.class::cast)
                    .toList());
        }
        return trades;
    }

    /// How many trades the file holds.
    int count(Connector connector, String file, Instruments instruments) throws IOException {
        return trades(connector, file, instruments).stream()
                .mapToInt(List::size)
                .sum();
    }

    /// The numbers of the lines that hold trades, from 1.
    List<Integer> linesWithTrades(Connector connector, String file, Instruments instruments) throws IOException {
        List<List<Trade>> trades = trades(connector, file, instruments);
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < trades.size(); i++) {
            if (!trades.get(i).isEmpty()) {
                numbers.add(i + 1);
            }
        }
        return numbers;
    }

    static Instruments any(Market market) {
        return SymbolTable.any(market);
    }
}
