package io.metdc.symbols;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metdc.market.Failure;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.symbols.SymbolsFile.Entry;
import io.metdc.symbols.SymbolsFile.MarketSection;
import io.metdc.symbols.SymbolsFile.Place;
import io.metdc.symbols.SymbolsFile.Terms;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SymbolsFileTest {
    private static final List<Place> PLACES = List.of(
            place(Invented.BINANCE_SPOT),
            place(Invented.BYBIT_FUTURES),
            place(Invented.GATE_SPOT),
            place(KrwList.MARKET));

    @TempDir
    private Path folder;

    private final Universe universe = new Universe(Filter.DEFAULT, () -> Invented.NOW, (_, _) -> {});

    @Test
    void what_is_written_is_read_again_also_names_that_yaml_takes_for_something_else() throws Exception {
        accept(
                Invented.BINANCE_SPOT,
                "ON",
                "NULL",
                "1E5",
                "0X1F",
                "12:30",
                "~",
                "NO",
                "币安人生",
                "A#B",
                "1INCH",
                "- X",
                "'");
        accept(Invented.BYBIT_FUTURES, "BTC");
        universe.accept(Invented.upbits(Invented.NOW, "BTC", "ON", "0G", "1E5"));
        SymbolsFile written = file(null);

        written.write(path());

        assertThat(SymbolsFile.read(path())).isEqualTo(written);
        assertThat(folder).isDirectoryContaining(file -> file.equals(path()));
    }

    @Test
    void a_section_has_its_source_its_counts_its_time_and_a_line_for_each_instrument_sorted() throws Exception {
        universe.accept(Invented.upbits(Invented.NOW, "PEPE", "BTC", "0G"));
        universe.accept(Invented.list(
                Invented.BYBIT_FUTURES,
                Invented.NOW,
                Invented.instrument(Invented.BYBIT_FUTURES, "1000PEPE", 1000),
                Invented.instrument(Invented.BYBIT_FUTURES, "10000LADYS", 10000)));

        file(null).write(path());

        assertThat(Files.readString(path())).contains("""
                version: '3.0'
                updated_at: 2026-11-20T12:00:00Z
                upbit_krw:
                  source: https://upbit-spot.example
                  taken_at: 2026-11-20T12:00:00Z
                  offered: 720
                  count: 3
                upbit_krw_symbols:
                - 0G
                - BTC
                - PEPE
                exchanges:
                """, """
                  bybit:
                    futures_endpoint: wss://bybit-futures.example/ws
                    max_symbols_per_connection: 200
                    retry_cooldown: 30s
                    max_retries: 0
                    futures_symbols:
                    - 10000LADYSUSDT
                    - 1000PEPEUSDT
                    futures:
                      max_symbols_per_connection: 200
                      source: https://bybit-futures.example
                      taken_at: 2026-11-20T12:00:00Z
                      offered: 3
                      collected: 2
                      instruments:
                        10000LADYSUSDT: {base: 10000LADYS, multiplier: 10000, contract_size: 1, upbit_krw: unlisted}
                        1000PEPEUSDT: {base: 1000PEPE, multiplier: 1000, contract_size: 1, upbit_krw: listed}
                """);
    }

    @Test
    void a_market_whose_list_is_not_to_be_had_keeps_the_one_of_the_file_before_and_says_so() throws Exception {
        accept(Invented.GATE_SPOT, "BTC", "CRV");
        universe.accept(Invented.upbits(Invented.NOW, "BTC"));
        file(null).write(path());
        Universe restarted = new Universe(Filter.DEFAULT, () -> Invented.NOW, (_, _) -> {});
        restarted.refused(Invented.GATE_SPOT, new Failure.Recoverable("HTTP 503"));

        SymbolsFile after = SymbolsFile.of(
                restarted, PLACES, Duration.ofSeconds(30), SymbolsFile.read(path()), Invented.NOW.plusSeconds(60));

        MarketSection gate = Objects.requireNonNull(after.market(Invented.GATE_SPOT));
        assertThat(gate.instruments()).extracting(Entry::symbol).containsExactly("BTCUSDT", "CRVUSDT");
        assertThat(gate.trouble()).isEqualTo("HTTP 503");
        assertThat(gate.takenAt()).isEqualTo(Invented.NOW);
        assertThat(Objects.requireNonNull(after.krw()).coins()).containsExactly("BTC");
        assertThat(after.krw().trouble()).isEqualTo("no answer yet");
        assertThat(Objects.requireNonNull(after.market(Invented.BINANCE_SPOT)).trouble())
                .isEqualTo("no answer yet");
        after.write(path());
        assertThat(SymbolsFile.read(path())).isEqualTo(after);
    }

    @Test
    void the_last_good_list_in_use_is_written_with_its_trouble() {
        universe.accept(new InstrumentList(
                Invented.GATE_SPOT,
                List.of(Invented.instrument(Invented.GATE_SPOT, "BTC", 1)),
                7,
                Map.of(),
                Invented.NOW.minusSeconds(3600),
                new Failure.Recoverable("HTTP 503")));

        MarketSection gate = Objects.requireNonNull(file(null).market(Invented.GATE_SPOT));

        assertThat(gate.trouble()).isEqualTo("HTTP 503");
        assertThat(gate.takenAt()).isEqualTo(Invented.NOW.minusSeconds(3600));
        assertThat(gate.instruments())
                .containsExactly(
                        new Entry("BTCUSDT", new Terms("BTC", BigDecimal.ONE, BigDecimal.ONE, UpbitMark.UNKNOWN)));
    }

    @Test
    void the_ancestors_file_is_read_with_whatever_keys_it_has_beside() throws Exception {
        Files.writeString(path(), """
                version: "2.0"
                updated_at: 2025-09-15T20:47:01.682668173+09:00
                upbit_krw_symbols:
                    - WAXP
                    - 1INCH
                    - ON
                exchanges:
                    acme:
                        spot_endpoint: ""
                        max_symbols_per_connection: 10
                    gate:
                        spot_endpoint: wss://gate.example/ws
                        futures_endpoint: wss://gate-futures.example/ws
                        max_symbols_per_connection: 100
                        retry_cooldown: 1m30s
                        max_retries: 5
                        spot_symbols:
                            - CRV_USDT
                            - 1INCH_USDT
                        futures_symbols: []
                        last_updated: 0001-01-01T00:00:00Z
                subscription_lists:
                    gate_spot:
                        - CRV_USDT
                """);

        SymbolsFile file = SymbolsFile.read(path());

        assertThat(file.updatedAt()).isEqualTo(Instant.parse("2025-09-15T11:47:01.682668173Z"));
        assertThat(Objects.requireNonNull(file.krw()).coins()).containsExactly("1INCH", "ON", "WAXP");
        assertThat(file.exchanges()).containsOnlyKeys("acme", "gate");
        SymbolsFile.ExchangeSection gate =
                Objects.requireNonNull(file.exchanges().get("gate"));
        assertThat(gate.retryCooldown()).isEqualTo(Duration.ofSeconds(90));
        assertThat(gate.maxRetries()).isEqualTo(5);
        assertThat(gate.markets().get(MarketType.FUTURES))
                .isEqualTo(new MarketSection("wss://gate-futures.example/ws", 100, null, null, null, 0, List.of()));
        assertThat(Objects.requireNonNull(file.market(Invented.GATE_SPOT)).instruments())
                .containsExactly(new Entry("1INCH_USDT", null), new Entry("CRV_USDT", null));
        file.write(path());
        assertThat(SymbolsFile.read(path())).isEqualTo(file);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "version: '3.0'\\nupdated_at: yesterday|:2: updated_at 'yesterday' is no such value",
                "version: '3.0'\\nexchanges:\\n  gate:\\n    max_retries: many|:4: max_retries 'many' is no such value",
                "version: '3.0'\\nexchanges:\\n  gate:\\n    max_retries: -1|:4: max_retries is less than 0",
                "version: '3.0'\\nexchanges:\\n  gate:\\n    spot_symbols: BTC|:4: a list of names belongs here",
                "version: '3.0'\\nexchanges:\\n  gate:\\n  gate:|:4: 'gate' stands here twice",
                "version: '3.0'\\nexchanges: [gate]|:2: keys and values belong here",
                "version: '3.0'\\nupbit_krw_symbols:\\n- [BTC]|:3: one word belongs here",
                "version: '3.0'\\nexchanges:\\n  gate:\\n    retry_cooldown: 30|:4: retry_cooldown '30' is no such value",
                "version: '3.0'\\nupbit_krw_symbols:\\n\\t- BTC|:3: is no YAML: found character",
                "version: '4.0'|:1: version 4.0 was written by a newer metdc",
                "version: latest|:1: version 'latest' is none",
                "upbit_krw_symbols: []|: has no version",
            })
    void a_damaged_or_newer_file_is_an_error_that_names_line_and_way_out(String text, String what) throws Exception {
        Files.writeString(path(), text.replace("\\n", "\n").replace("\\t", "\t"));

        assertThatThrownBy(() -> SymbolsFile.read(path()))
                .isInstanceOf(InvalidSymbolsFile.class)
                .hasMessageStartingWith(path() + what)
                .hasMessageContaining("move the file away")
                .hasMessageContaining("metdc symbols update");
    }

    @ParameterizedTest
    @ValueSource(strings = {"version: '4.0'\n", "version: '3.0'\nexchanges:\n  gate: [\n", "", "\0"})
    void a_file_that_cannot_be_read_is_set_aside_and_never_overwritten(String text) throws Exception {
        Files.writeString(path(), text);

        file(null).write(path());

        assertThat(SymbolsFile.read(path()).updatedAt()).isEqualTo(Invented.NOW);
        Path aside = folder.resolve("symbols.yaml.20261120_120000.aside");
        assertThat(aside).hasContent(text);
        Files.writeString(path(), "version: 5");
        assertThatThrownBy(() -> file(null).write(path())).isInstanceOf(IOException.class);
        assertThat(path()).hasContent("version: 5");
    }

    private SymbolsFile file(SymbolsFile before) {
        return SymbolsFile.of(universe, PLACES, Duration.ofSeconds(30), before, Invented.NOW);
    }

    private void accept(Market market, String... bases) {
        universe.accept(Invented.list(
                market,
                Invented.NOW,
                Stream.of(bases)
                        .map(base -> Invented.instrument(market, base, 1))
                        .toArray(Instrument[]::new)));
    }

    private Path path() {
        return folder.resolve("symbols.yaml");
    }

    private static Place place(Market market) {
        return new Place(
                market,
                URI.create("wss://" + market + ".example/ws"),
                URI.create("https://" + market + ".example"),
                200);
    }
}
