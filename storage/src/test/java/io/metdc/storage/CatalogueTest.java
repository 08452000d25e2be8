package io.metdc.storage;

import static io.metdc.storage.Trades.BTC;
import static io.metdc.storage.Trades.ETH;
import static io.metdc.storage.Trades.NOW;
import static io.metdc.storage.Trades.SPOT;
import static org.assertj.core.api.Assertions.assertThat;

import io.metdc.market.Instrument;
import io.metdc.storage.Catalogue.Change;
import io.metdc.storage.Catalogue.Entry;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(TestServer.class)
class CatalogueTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Instant LATER = NOW.plusSeconds(300);

    @Parameter
    TestServer server;

    @TempDir
    Path folder;

    private TestServer.Fresh fresh;
    private Database database;

    @BeforeEach
    void open() throws Exception {
        server.require();
        fresh = server.fresh(folder);
        database = Database.open(fresh.settings(), "test");
    }

    @AfterEach
    void close() throws Exception {
        if (database != null) {
            database.close();
            fresh.close();
        }
    }

    private void write(Consumer<Catalogue> what) throws Exception {
        Catalogue catalogue = new Catalogue();
        what.accept(catalogue);
        catalogue.writeTo(database);
        catalogue.close(LONG);
    }

    private List<String> rows(String sql) throws Exception {
        try (Connection connection = database.readOnly().getConnection()) {
            return Sql.rows(connection, sql);
        }
    }

    private static Entry entry(Instrument instrument, String mark) {
        return new Entry(instrument, instrument.base(), mark, true);
    }

    @Test
    void what_is_collected_is_marked_and_a_first_list_is_no_change() throws Exception {
        write(catalogue -> catalogue.whole(SPOT, NOW, List.of(entry(BTC, "listed"), entry(ETH, null))));

        assertThat(
                        rows(
                                "SELECT symbol, coin, is_collected, upbit_krw, upbit_krw_since FROM instruments ORDER BY symbol"))
                .containsExactly("BTCUSDT|BTC|t|listed|null", "ETHUSDT|ETH|t|null|null");
        assertThat(rows("SELECT count(*) FROM instrument_changes")).containsExactly("0");
    }

    @Test
    void a_mark_that_changes_says_since_when_and_stays_when_it_is_told_again() throws Exception {
        write(catalogue -> {
            catalogue.whole(SPOT, NOW, List.of(entry(BTC, "unlisted")));
            for (Instant at : List.of(LATER, LATER, LATER.plusSeconds(60))) {
                catalogue.changed(
                        SPOT,
                        at,
                        List.of(entry(BTC, "listed")),
                        List.of(new Change(BTC, "marked", "unlisted", "listed")));
            }
        });

        assertThat(rows("SELECT upbit_krw, upbit_krw_since = '" + LATER + "' FROM instruments"))
                .containsExactly("listed|t");
        assertThat(rows("SELECT symbol, change, old, new FROM instrument_change ORDER BY at"))
                .containsExactly("BTCUSDT|marked|unlisted|listed", "BTCUSDT|marked|unlisted|listed");
    }

    @Test
    void what_is_not_known_yet_after_a_restart_changes_no_mark() throws Exception {
        write(catalogue -> catalogue.whole(SPOT, NOW, List.of(entry(BTC, "listed"))));
        write(catalogue -> {
            catalogue.whole(SPOT, LATER, List.of(entry(BTC, null)));
            catalogue.changed(SPOT, LATER, List.of(entry(BTC, "listed")), List.of());
        });

        assertThat(rows("SELECT upbit_krw, upbit_krw_since FROM instruments")).containsExactly("listed|null");
        assertThat(rows("SELECT count(*) FROM instrument_changes")).containsExactly("0");
    }

    @Test
    void whoever_enters_the_same_instruments_at_a_time_locks_nobody_out() throws Exception {
        List<Instrument> many = IntStream.range(0, 400)
                .mapToObj(i -> Instrument.of(SPOT, "C" + i + "USDT", "C" + i, "USDT"))
                .toList();
        database.register(many, NOW);
        for (int round = 0; round < 10; round++) {
            Instant at = NOW.plusSeconds(round);
            Catalogue catalogue = new Catalogue();
            catalogue.whole(
                    SPOT,
                    at,
                    many.reversed().stream().map(one -> entry(one, "listed")).toList());
            catalogue.writeTo(database);
            database.register(many, at); // as the writer of trades does
            catalogue.close(LONG);
        }
        try (Connection connection = database.dataSource().getConnection()) {
            assertThat(Sql.rows(
                            connection, "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"))
                    .containsExactly("0");
        }
    }

    @Test
    void what_was_dropped_while_metdc_was_away_is_not_collected_any_more() throws Exception {
        write(catalogue -> catalogue.whole(SPOT, NOW, List.of(entry(BTC, "listed"), entry(ETH, "listed"))));
        write(catalogue -> catalogue.whole(SPOT, LATER, List.of(entry(BTC, "listed"))));

        assertThat(rows("SELECT symbol, is_collected FROM instruments ORDER BY symbol"))
                .containsExactly("BTCUSDT|t", "ETHUSDT|f");
        assertThat(rows("SELECT symbol, change, new FROM instrument_change"))
                .containsExactly("ETHUSDT|dropped|not collected any more when metdc began");
    }

    @Test
    void changed_terms_hold_from_the_time_of_the_list() throws Exception {
        Instrument tenfold = new Instrument(
                SPOT, BTC.symbol(), BTC.base(), BTC.quote(), BTC.settle(), BigDecimal.TEN, BigDecimal.ONE);
        write(catalogue -> {
            catalogue.whole(SPOT, NOW, List.of(entry(BTC, "listed")));
            catalogue.changed(
                    SPOT, LATER, List.of(entry(tenfold, "listed")), List.of(new Change(tenfold, "terms", "1", "10")));
        });

        assertThat(rows("SELECT contract_size, valid_from = '" + LATER + "' FROM instrument_terms ORDER BY valid_from"))
                .containsExactly("1|f", "10|t");
    }

    @Test
    void thousands_that_came_and_went_before_there_was_a_database_are_all_there() throws Exception {
        List<Entry> many = IntStream.range(0, 1_000)
                .mapToObj(i -> entry(Instrument.of(SPOT, "C" + i + "USDT", "C" + i, "USDT"), "unlisted"))
                .toList();
        write(catalogue -> {
            catalogue.whole(SPOT, NOW, many.subList(0, 700));
            catalogue.changed(
                    SPOT,
                    LATER,
                    many.subList(700, 1_000),
                    many.subList(700, 1_000).stream()
                            .map(entry -> new Change(
                                    entry.instrument(),
                                    "added",
                                    "",
                                    entry.instrument().symbol()))
                            .toList());
        });

        assertThat(rows("SELECT count(*) FILTER (WHERE is_collected) FROM instruments"))
                .containsExactly("1000");
        assertThat(rows("SELECT count(*) FROM instrument_changes")).containsExactly("300");
    }

    @Test
    void hostile_names_are_but_names() throws Exception {
        Instrument evil = Instrument.of(SPOT, "');DROP TABLE trades;--\0", "E\0", "USDT");
        write(catalogue -> {
            catalogue.whole(SPOT, NOW, List.of(entry(evil, "unlisted")));
            catalogue.changed(SPOT, LATER, List.of(), List.of(new Change(evil, "dropped", "\0", "'")));
        });
        assertThat(rows("SELECT count(*) FROM trades")).containsExactly("0");
        assertThat(rows("SELECT change, new FROM instrument_change")).containsExactly("dropped|'");
    }
}
