package io.metdc.collector.config;

import io.metdc.collector.config.Given.Shape;
import io.metdc.market.Exchange;
import io.metdc.symbols.Aliases;
import io.metdc.symbols.Aliases.Alias;
import io.metdc.symbols.DateRange;
import io.metdc.symbols.Filter;
import io.metdc.symbols.Filter.Denial;
import io.metdc.symbols.Selector;
import io.metdc.symbols.UpbitKrw;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// Which instruments are collected.
///
/// @param file    where they are written for people and other programs, absolute
/// @param refresh how often the exchanges are asked for their instruments
/// @param filter  the rules
public record SymbolsSettings(Path file, Duration refresh, Filter filter) {
    private static final Path FILE = Path.of("symbols", "symbols.yaml");

    public SymbolsSettings {
        if (!refresh.isPositive()) {
            throw new IllegalArgumentException("a refresh every " + refresh);
        }
    }

    /// Coins with another name at Upbit.
    public Aliases aliases() {
        return filter.aliases();
    }

    /// @param folder of the configuration
    static SymbolsSettings read(Section section, Path dataDirectory, Path folder) {
        UpbitKrw upbitKrw = section.choice("upbit_krw", UpbitKrw.BOTH);
        Path named = section.optionalPath("file");
        Path file = named == null ? folder.resolve(FILE) : named;
        if (!canBeWritten(file)) {
            Path instead = dataDirectory.resolve(FILE.getFileName());
            section.warn("file", file + " cannot be written; the list of what is collected is in " + instead);
            file = instead;
        }
        Duration refresh =
                section.duration("refresh", Duration.ofMinutes(5), Duration.ofSeconds(10), Duration.ofDays(7));
        List<Selector> include = section.items("include", List.of(), Selector::parse);
        List<Selector> exclude = section.items("exclude", List.of(), Selector::parse);
        Set<String> quotes = quotes(section);
        List<Denial> denied = section.rows(
                "denied",
                Shape.ROWS,
                "[AAPLX, {name: TSLAX, since: 2025-06-30}]",
                SymbolsSettings::denial,
                SymbolsSettings::shownDenials);
        List<Alias> earlier = new ArrayList<>();
        List<Alias> aliases = section.rows(
                "aliases",
                Shape.ROWS_BY_NAME,
                "{BTT: BTTC} or {LIT: {name: HEI, until: 2025-02-01}}",
                row -> alias(row, earlier),
                SymbolsSettings::shownAliases);
        return new SymbolsSettings(
                file, refresh, new Filter(upbitKrw, include, exclude, denied, quotes, new Aliases(aliases)));
    }

    /// Whether a new file can take its place, as far as can be told without trying.
    private static boolean canBeWritten(Path file) {
        Path folder = file.toAbsolutePath().getParent();
        while (folder != null && Files.notExists(folder)) {
            folder = folder.getParent();
        }
        return folder != null && Files.isDirectory(folder) && Files.isWritable(folder) && !Files.isDirectory(file);
    }

    private static Set<String> quotes(Section section) {
        Set<String> usual = Filter.DEFAULT.quotes();
        Set<String> quotes = Set.copyOf(
                section.items("quotes", usual.stream().sorted().toList(), text -> text.toUpperCase(Locale.ROOT)));
        if (quotes.stream().noneMatch(usual::contains)) {
            section.refuse(
                    "quotes", "leaves nothing to collect: the exchanges are collected in " + String.join(", ", usual));
            return usual;
        }
        if (!usual.containsAll(quotes)) {
            section.warn("quotes", "the exchanges are collected in " + String.join(", ", usual) + " only");
        }
        return quotes;
    }

    private static Denial denial(Row row) {
        return new Denial(row.key(), row.dates(), row.exchanges());
    }

    private static Alias alias(Row row, List<Alias> earlier) {
        Alias alias = new Alias(row.key(), row.name(), row.dates(), row.exchanges());
        for (Alias other : earlier) {
            Aliases _ = new Aliases(List.of(other, alias)); // throws where they contradict each other
        }
        earlier.add(alias);
        return alias;
    }

    private static String shownDenials(List<Denial> denied) {
        return denied.stream()
                .map(denial -> isPlain(denial.dates(), denial.exchanges())
                        ? denial.base()
                        : shown(denial.base(), denial.dates(), denial.exchanges()))
                .collect(Collectors.joining(", ", "[", "]"));
    }

    private static String shownAliases(List<Alias> aliases) {
        Map<String, List<String>> names = new LinkedHashMap<>();
        for (Alias alias : aliases) {
            names.computeIfAbsent(alias.theirs(), _ -> new ArrayList<>())
                    .add(
                            isPlain(alias.dates(), alias.exchanges())
                                    ? alias.upbits()
                                    : shown(alias.upbits(), alias.dates(), alias.exchanges()));
        }
        return names.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(name -> name.getKey() + ": "
                        + (name.getValue().size() == 1
                                ? name.getValue().getFirst()
                                : "[" + String.join(", ", name.getValue()) + "]"))
                .collect(Collectors.joining(", ", "{", "}"));
    }

    private static boolean isPlain(DateRange dates, Set<Exchange> exchanges) {
        return dates.equals(DateRange.ALWAYS) && exchanges.isEmpty();
    }

    /// As it is written in the file.
    private static String shown(String name, DateRange dates, Set<Exchange> exchanges) {
        return "{name: " + name
                + (dates.since() == null ? "" : ", since: " + dates.since())
                + (dates.until() == null ? "" : ", until: " + dates.until())
                + (exchanges.isEmpty()
                        ? ""
                        : exchanges.stream()
                                .sorted()
                                .map(Exchange::id)
                                .collect(Collectors.joining(", ", ", exchanges: [", "]")))
                + "}";
    }
}
