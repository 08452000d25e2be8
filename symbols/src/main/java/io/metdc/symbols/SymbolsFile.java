package io.metdc.symbols;

import io.metdc.market.Exchange;
import io.metdc.market.Failure;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.symbols.WatchSet.Watched;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// `config/symbols/symbols.yaml`: what is collected, for people to read and compare. Every list in it is sorted and
/// has one line for each instrument. metdc writes it and is not steered by it; of the file before, the ancestor's
/// perhaps, it keeps the section of a market whose list is not to be had.
///
/// The keys of the ancestor's files are all there, and ours beside them, so that whoever reads those reads these:
///
/// ```
/// version: '3.0'                            exchanges:
/// updated_at: 2026-11-20T12:00:00Z            okx:
/// upbit_krw:                                    spot_endpoint: wss://…     (and futures_endpoint)
///   source: https://api.upbit.com               max_symbols_per_connection: 200
///   taken_at: 2026-11-20T11:59:58Z              retry_cooldown: 30s
///   offered: 731                                max_retries: 0             (0: without end)
///   count: 262                                  spot_symbols: [ BTC-USDT, … ]   (and futures_symbols)
///   trouble: …         (if it is old)           spot: { source, taken_at, trouble, offered, collected,
/// upbit_krw_symbols: [ 0G, … ]                          instruments: BTC-USDT: {base, multiplier, …} }
/// ```
///
/// @param exchanges by the name in the file, which may be one that is not known here
public record SymbolsFile(
        Instant updatedAt, @Nullable KrwSection krw, NavigableMap<String, ExchangeSection> exchanges) {
    private static final Logger log = LoggerFactory.getLogger(SymbolsFile.class);

    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd_HHmmss").withZone(ZoneOffset.UTC);

    /// Upbit's list.
    ///
    /// @param source  where it was asked for; null in the ancestor's files, as are all that follow
    /// @param offered how many markets Upbit listed, whatever they are quoted in; 0 if that is not known
    /// @param trouble why it is not fresh, in words
    public record KrwSection(
            @Nullable String source,
            @Nullable Instant takenAt,
            int offered,
            @Nullable String trouble,
            NavigableSet<String> coins) {
        public KrwSection {
            coins = Collections.unmodifiableNavigableSet(new TreeSet<>(coins));
        }
    }

    /// One exchange.
    ///
    /// @param retryCooldown the longest pause between two attempts to connect
    /// @param maxRetries    how many attempts there are; 0: without end
    public record ExchangeSection(
            @Nullable Duration retryCooldown, int maxRetries, NavigableMap<MarketType, MarketSection> markets) {
        public ExchangeSection {
            markets = Collections.unmodifiableNavigableMap(new TreeMap<>(markets));
        }
    }

    /// One market of an exchange.
    ///
    /// @param endpoint   where trades are pushed; null where that is told at each connect
    /// @param perConnection how many instruments one connection carries at most; 0 if that is not known
    /// @param source     where the list was asked for; null in the ancestor's files, as are all that follow
    /// @param trouble    why it is not fresh, in words
    /// @param offered    how many rows the exchange listed, collected or not; 0 if that is not known
    /// @param instruments sorted by symbol
    public record MarketSection(
            @Nullable String endpoint,
            int perConnection,
            @Nullable String source,
            @Nullable Instant takenAt,
            @Nullable String trouble,
            int offered,
            List<Entry> instruments) {
        public MarketSection {
            instruments = instruments.stream()
                    .sorted(Comparator.comparing(Entry::symbol))
                    .toList();
        }

        MarketSection troubled(@Nullable String why) {
            return new MarketSection(endpoint, perConnection, source, takenAt, why, offered, instruments);
        }
    }

    /// One instrument.
    ///
    /// @param terms null in the ancestor's files
    public record Entry(String symbol, @Nullable Terms terms) {}

    /// What an instrument trades, as [Instrument] has it.
    public record Terms(String base, BigDecimal multiplier, BigDecimal contractSize, UpbitMark mark) {}

    /// Where a market's list and trades come from, as configured.
    ///
    /// @param websocketUrl null where each connect is told
    public record Place(Market market, @Nullable URI websocketUrl, URI restUrl, int perConnection) {}

    public SymbolsFile {
        exchanges = Collections.unmodifiableNavigableMap(new TreeMap<>(exchanges));
    }

    /// What is collected at the moment. A market whose list is not to be had keeps the one of the file before.
    ///
    /// @param places        the markets that are switched on, and Upbit's if it is
    /// @param retryCooldown the longest pause between two attempts to connect
    public static SymbolsFile of(
            Universe universe,
            Collection<Place> places,
            Duration retryCooldown,
            @Nullable SymbolsFile before,
            Instant now) {
        KrwSection krw = before == null ? null : before.krw;
        NavigableMap<String, ExchangeSection> exchanges = new TreeMap<>();
        for (Place place : places) {
            Universe.Status status = universe.status(place.market());
            if (place.market().equals(KrwList.MARKET)) {
                krw = krw(place, universe.krw(), status, krw);
                continue;
            }
            Exchange exchange = place.market().exchange();
            NavigableMap<MarketType, MarketSection> markets = new TreeMap<>();
            ExchangeSection known = exchanges.get(exchange.id());
            if (known != null) {
                markets.putAll(known.markets());
            }
            markets.put(place.market().type(), market(place, universe.watched(place.market()), status, before));
            exchanges.put(exchange.id(), new ExchangeSection(retryCooldown, 0, markets));
        }
        return new SymbolsFile(now, krw, exchanges);
    }

    private static @Nullable KrwSection krw(
            Place place, @Nullable KrwList list, Universe.Status status, @Nullable KrwSection before) {
        if (list != null) {
            return new KrwSection(
                    place.restUrl().toString(), list.takenAt(), list.rows(), words(status.trouble()), list.bases());
        }
        return before == null
                ? null
                : new KrwSection(before.source(), before.takenAt(), before.offered(), missing(status), before.coins());
    }

    private static MarketSection market(
            Place place, WatchSet watched, Universe.Status status, @Nullable SymbolsFile before) {
        URI websocketUrl = place.websocketUrl();
        String endpoint = websocketUrl == null ? null : websocketUrl.toString();
        if (status.takenAt() != null) {
            return new MarketSection(
                    endpoint,
                    place.perConnection(),
                    place.restUrl().toString(),
                    status.takenAt(),
                    words(status.trouble()),
                    status.offered(),
                    watched.watched().stream().map(SymbolsFile::entry).toList());
        }
        MarketSection old = before == null ? null : before.market(place.market());
        return old != null
                ? old.troubled(missing(status))
                : new MarketSection(endpoint, place.perConnection(), null, null, missing(status), 0, List.of());
    }

    private static Entry entry(Watched watched) {
        Instrument instrument = watched.instrument();
        return new Entry(
                instrument.symbol(),
                new Terms(instrument.base(), instrument.multiplier(), instrument.contractSize(), watched.mark()));
    }

    private static @Nullable String words(@Nullable Failure trouble) {
        return trouble == null ? null : trouble.what();
    }

    private static String missing(Universe.Status status) {
        Failure trouble = status.trouble();
        return trouble == null ? "no answer yet" : trouble.what();
    }

    /// What the file says of a market; null if it does not know it.
    public @Nullable MarketSection market(Market market) {
        ExchangeSection exchange = exchanges.get(market.exchange().id());
        return exchange == null ? null : exchange.markets().get(market.type());
    }

    /// Reads a file, the ancestor's too.
    ///
    /// @throws IOException         when there is none, or it cannot be read at all
    /// @throws InvalidSymbolsFile when it is damaged, or was written by a newer metdc
    public static SymbolsFile read(Path file) throws IOException, InvalidSymbolsFile {
        return new SymbolsReader(file).read();
    }

    /// Replaces the file as a whole. One that cannot be read is not lost: it is moved beside the new one.
    public void write(Path file) throws IOException {
        if (Files.exists(file)) {
            try {
                read(file);
            } catch (InvalidSymbolsFile e) {
                Path aside = file.resolveSibling(file.getFileName() + "." + STAMP.format(updatedAt) + ".aside");
                Files.move(file, aside);
                log.warn("set aside as {}: {}", aside, e.getMessage());
            }
        }
        AtomicFile.write(file, SymbolsWriter.text(this).getBytes(StandardCharsets.UTF_8));
    }
}
