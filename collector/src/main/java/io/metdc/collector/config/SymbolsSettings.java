package io.metdc.collector.config;

import io.metdc.symbols.UpbitKrw;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Which instruments are collected. Nothing of it has an effect in this version: it collects all that are
/// tradable against USDT.
///
/// @param upbitKrw which coins, by whether Upbit trades them for KRW
/// @param file     where the last good list of instruments is kept, absolute
/// @param refresh  how often the exchanges are asked for their instruments
/// @param include  if not empty, only these bases (`BTC`) or symbols (`BTCUSDT`), spelled as the exchange
///                 does
/// @param exclude  never these bases or symbols; wins over `include`
/// @param aliases  coins with another name at Upbit, by the exchanges' name
public record SymbolsSettings(
        UpbitKrw upbitKrw,
        Path file,
        Duration refresh,
        Set<String> include,
        Set<String> exclude,
        Map<String, String> aliases) {

    public SymbolsSettings {
        if (!refresh.isPositive()) {
            throw new IllegalArgumentException("a refresh every " + refresh);
        }
        include = Set.copyOf(include);
        exclude = Set.copyOf(exclude);
        aliases = Map.copyOf(aliases);
    }

    static SymbolsSettings read(Section symbols, Path dataDirectory) {
        Section section = symbols.withoutEffect();
        UpbitKrw upbitKrw = section.choice("upbit_krw", UpbitKrw.BOTH);
        Path file = section.optionalPath("file");
        return new SymbolsSettings(
                upbitKrw,
                file == null ? dataDirectory.resolve("symbols.yaml") : file,
                section.duration("refresh", Duration.ofMinutes(15), Duration.ofSeconds(10), Duration.ofDays(7)),
                names(section.names("include")),
                names(section.names("exclude")),
                section.pairs("aliases"));
    }

    private static Set<String> names(List<String> names) {
        return Set.copyOf(names);
    }
}
