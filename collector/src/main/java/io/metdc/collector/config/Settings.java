package io.metdc.collector.config;

import io.metdc.connectors.Connector;
import io.metdc.market.Exchange;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.symbols.UpbitKrw;
import java.nio.file.Path;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Everything that can be set, checked.
///
/// @param dataDirectory where metdc keeps what it must not lose, absolute
/// @param markets       those that this version has a connector for, switched on or not
public record Settings(
        Path dataDirectory,
        SortedMap<Market, MarketSettings> markets,
        UpbitSettings upbit,
        SymbolsSettings symbols,
        StorageSettings storage,
        JournalSettings journal,
        RecoverySettings recovery,
        CollectionSettings collection,
        AlertSettings alerts,
        HttpSettings http,
        LoggingSettings logging,
        NetworkSettings network) {

    /// The exchanges that are collected as a whole; Upbit, where the announcements come from, has a section
    /// of its own.
    static final Set<Exchange> EXCHANGES =
            Collections.unmodifiableSet(EnumSet.complementOf(EnumSet.of(Exchange.UPBIT)));

    private static final Path DATA_DIRECTORY = Path.of("data");

    public Settings {
        markets = Collections.unmodifiableSortedMap(new TreeMap<>(markets));
    }

    /// Upbit's KRW market; null where this version cannot collect it.
    public @Nullable MarketSettings upbitMarket() {
        return markets.get(UpbitSettings.MARKET);
    }

    /// Where trades are stored, in the form that storage wants.
    public io.metdc.storage.StorageSettings database() {
        Secret password = storage.password();
        Long maxDisk = storage.maxDisk();
        @Nullable String user = storage.isEmbedded() ? null : storage.user();
        return new io.metdc.storage.StorageSettings(
                storage.url(),
                user,
                password == null ? null : password.reveal(),
                storage.retention(),
                maxDisk == null ? OptionalLong.empty() : OptionalLong.of(maxDisk),
                dataDirectory);
    }

    /// Where the last good lists of instruments are kept.
    public Path instruments() {
        return dataDirectory.resolve("instruments");
    }

    /// Where it is kept how often each instrument is traded.
    public Path rates() {
        return instruments().resolve("rates.json");
    }

    /// Where it is kept how much of a limit is used up.
    ///
    /// @param limit `okx-connects`, `okx-spot-rest`
    public Path spending(String limit) {
        return dataDirectory.resolve("limits").resolve(limit);
    }

    /// Where it is kept how long an exchange is to be left alone.
    public Path bans(Exchange exchange) {
        return dataDirectory.resolve("limits").resolve(exchange.id() + "-bans");
    }

    /// The markets that are switched on.
    public List<MarketSettings> collected() {
        return markets.values().stream().filter(MarketSettings::enabled).toList();
    }

    static Settings read(Reading reading, Map<Market, ? extends Connector> connectors) {
        Section root = reading.root();
        Path dataDirectory = root.path("data_directory", DATA_DIRECTORY);
        SortedMap<Market, MarketSettings> markets = markets(root, reading, connectors);
        UpbitSettings upbit = UpbitSettings.read(root.section("upbit"));
        return new Settings(
                dataDirectory,
                markets,
                upbit,
                symbols(root.section("symbols"), reading, dataDirectory, markets.get(UpbitSettings.MARKET)),
                StorageSettings.read(root.section("storage")),
                JournalSettings.read(root.section("journal"), dataDirectory),
                RecoverySettings.read(root.section("recovery")),
                CollectionSettings.read(root.section("collection")),
                AlertSettings.read(root.section("alerts")),
                HttpSettings.read(root.section("http")),
                LoggingSettings.read(root.section("logging")),
                NetworkSettings.read(root.section("network")));
    }

    private static SymbolsSettings symbols(
            Section section, Reading reading, Path dataDirectory, @Nullable MarketSettings upbit) {
        SymbolsSettings symbols = SymbolsSettings.read(section, dataDirectory, reading.folder);
        UpbitKrw wanted = symbols.filter().upbitKrw();
        if (wanted != UpbitKrw.BOTH && (upbit == null || !upbit.enabled())) {
            section.refuse(
                    "upbit_krw",
                    "is " + wanted + ", which only Upbit's list of markets can tell: leave upbit.enabled on, or"
                            + " set this to both");
        }
        return symbols;
    }

    private static SortedMap<Market, MarketSettings> markets(
            Section root, Reading reading, Map<Market, ? extends Connector> connectors) {
        Section exchanges = root.section("exchanges");
        SortedMap<Market, MarketSettings> markets = new TreeMap<>();
        for (Exchange exchange : EXCHANGES) {
            Section section = exchanges.section(exchange.id());
            boolean enabled = section.flag("enabled", true);
            for (MarketType type : MarketType.values()) {
                Connector connector = connectors.get(new Market(exchange, type));
                if (connector != null) {
                    Section ofMarket = section.section(type.id());
                    markets.put(connector.market(), MarketSettings.read(ofMarket, connector, enabled));
                }
            }
        }
        Connector rates = connectors.get(UpbitSettings.MARKET);
        if (rates != null) {
            markets.put(UpbitSettings.MARKET, MarketSettings.read(root.section("upbit"), rates, true));
        }
        if (!markets.isEmpty() && markets.values().stream().noneMatch(MarketSettings::enabled)) {
            reading.warnings.add(
                    new Problem("exchanges", "every market that this version can collect is switched off"));
        }
        return markets;
    }
}
