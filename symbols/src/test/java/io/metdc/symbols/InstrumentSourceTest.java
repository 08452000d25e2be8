package io.metdc.symbols;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.metdc.connectors.Connector;
import io.metdc.connectors.Connectors;
import io.metdc.connectors.FeedException;
import io.metdc.connectors.Network;
import io.metdc.connectors.RestClient;
import io.metdc.market.Failure;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.simulator.Fault;
import io.metdc.simulator.Simulator;
import io.metdc.simulator.SimulatorOptions;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class InstrumentSourceTest {
    private static final Market MARKET = SimulatorOptions.BINANCE_SPOT;
    private static final int INSTRUMENTS = 12;

    @TempDir
    private Path folder;

    private Simulator simulator;
    private RestClient rest;

    @BeforeEach
    void start() throws Exception {
        simulator = Simulator.start(SimulatorOptions.builder()
                .markets(MARKET)
                .instruments(INSTRUMENTS)
                .build());
        rest = new RestClient(connector(), simulator.address(MARKET).rest(), Network.DEFAULT, InstantSource.system());
    }

    @AfterEach
    void stop() {
        rest.close();
        simulator.close();
    }

    @Test
    void what_the_exchange_lists_is_sorted_and_without_what_the_rules_drop() throws Exception {
        InstrumentList list = source().load();

        assertThat(list.trouble()).isNull();
        assertThat(list.instruments())
                .hasSize(INSTRUMENTS)
                .extracting(Instrument::symbol)
                .isSorted();
        assertThat(list.offered()).isGreaterThan(INSTRUMENTS);
    }

    @ParameterizedTest
    @EnumSource(names = {"REST_418", "REST_429", "REST_403", "REST_451", "REST_503", "REST_EMPTY"})
    void a_bad_answer_leaves_the_last_good_list_in_use_also_after_a_restart(Fault fault) throws Exception {
        InstrumentList good = source().load();
        simulator.inject(fault);

        InstrumentList kept = source().load();

        assertThat(kept.instruments()).isEqualTo(good.instruments());
        assertThat(kept.takenAt()).isEqualTo(good.takenAt());
        assertThat(kept.trouble()).isNotNull();
        assertThat(kept.trouble().what()).contains("binance");
    }

    @Test
    void without_a_last_good_list_a_bad_answer_is_an_error_that_names_exchange_and_place() {
        simulator.inject(Fault.REST_503);

        assertThatThrownBy(() -> source().load())
                .isInstanceOfSatisfying(
                        FeedException.class,
                        e -> assertThat(e.failure())
                                .isInstanceOf(Failure.Recoverable.class)
                                .extracting(Failure::what)
                                .asString()
                                .contains("binance", "503", "/api/v3/exchangeInfo"));
    }

    @Test
    void a_list_suddenly_under_half_as_long_is_believed_when_the_exchange_says_the_same_again() throws Exception {
        longer(source().load());

        InstrumentList list = source().load();

        assertThat(list.instruments()).hasSize(INSTRUMENTS);
        assertThat(list.trouble()).isNull();
    }

    @Test
    void the_list_of_another_address_is_not_used() throws Exception {
        longer(source().load());
        InstrumentSource elsewhere = new InstrumentSource(
                connector(),
                rest,
                URI.create("https://elsewhere.example"),
                folder,
                Duration.ofMillis(10),
                InstantSource.system());
        simulator.inject(Fault.REST_503);

        assertThatThrownBy(elsewhere::load).isInstanceOf(FeedException.class);
    }

    @Test
    void what_was_listed_last_is_known_without_asking_and_so_is_what_the_rules_leave_out() throws Exception {
        URI rest = simulator.address(MARKET).rest();
        assertThat(InstrumentSource.kept(MARKET, rest, folder)).isEmpty();
        InstrumentList fresh = source().load();

        InstrumentList kept = InstrumentSource.kept(MARKET, rest, folder).orElseThrow();

        assertThat(kept.instruments()).isEqualTo(fresh.instruments());
        assertThat(kept.dropped()).isNotEmpty().isEqualTo(fresh.dropped());
        assertThat(kept.trouble()).isNotNull();
        assertThat(InstrumentSource.kept(MARKET, URI.create("http://127.0.0.1:1"), folder))
                .isEmpty();
    }

    @Test
    void a_symbol_that_is_listed_twice_is_one_instrument_and_the_first_row_counts() throws Exception {
        byte[] answer = """
                {"symbols":[
                {"symbol":"AAUSDT","status":"TRADING","baseAsset":"AA","quoteAsset":"USDT","isSpotTradingAllowed":true},
                {"symbol":"BBUSDT","status":"TRADING","baseAsset":"BB","quoteAsset":"USDT","isSpotTradingAllowed":true},
                {"symbol":"AAUSDT","status":"TRADING","baseAsset":"OTHER","quoteAsset":"USDT","isSpotTradingAllowed":true}
                ]}""".getBytes(StandardCharsets.UTF_8);
        InstrumentList list = answered(connector(), answer);
        assertThat(list.instruments()).extracting(Instrument::base).containsExactly("AA", "BB");
    }

    private InstrumentList answered(Connector connector, byte[] answer) throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
        URI url = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
        try (RestClient client = new RestClient(connector, url, Network.DEFAULT, InstantSource.system())) {
            return new InstrumentSource(connector, client, url, folder, Duration.ofMillis(10), InstantSource.system())
                    .load();
        } finally {
            server.stop(0);
        }
    }

    @Test
    void a_list_of_upbits_that_is_too_short_for_the_whole_is_refused_and_both_forms_of_it_are_read() throws Exception {
        assertThatThrownBy(() -> upbits(KrwList.LEAST_ROWS - 1, "{\"market\":\"KRW-C%d\"}"))
                .isInstanceOf(FeedException.class)
                .hasMessageContaining("49 markets");
        assertThat(upbits(KrwList.LEAST_ROWS, "{\"market\":\"KRW-C%d\"}")).isEqualTo(KrwList.LEAST_ROWS);
        assertThat(upbits(60, "{\"market\":\"KRW-C%d\",\"english_name\":\"c\",\"market_event\":{\"warning\":true}}"))
                .isEqualTo(60);
    }

    /// How many coins are read of an answer with so many rows.
    private int upbits(int rows, String row) throws Exception {
        byte[] answer = IntStream.range(0, rows)
                .mapToObj(number -> row.formatted(number))
                .collect(Collectors.joining(",", "[", "]"))
                .getBytes(StandardCharsets.UTF_8);
        return KrwList.of(answered(Connectors.of(KrwList.MARKET).orElseThrow(), answer))
                .bases()
                .size();
    }

    @Test
    void a_damaged_file_is_left_aside() throws Exception {
        Files.writeString(folder.resolve(MARKET + ".json"), "{\"instruments\":[{\"symbol\":");

        assertThat(source().load().instruments()).hasSize(INSTRUMENTS);
    }

    /// Puts a list of 25 in the place of the last good one.
    private InstrumentList longer(InstrumentList list) {
        List<Instrument> more = new ArrayList<>(list.instruments());
        for (int i = more.size(); i < 25; i++) {
            more.add(Instrument.of(MARKET, "ZZ" + i + "USDT", "ZZ" + i, "USDT"));
        }
        InstrumentList longer =
                new InstrumentList(MARKET, more, 30, Map.of(), Instant.parse("2026-11-20T00:00:00Z"), null);
        new LastGoodList(MARKET, simulator.address(MARKET).rest(), folder).write(longer);
        return longer;
    }

    private InstrumentSource source() {
        return new InstrumentSource(
                connector(),
                rest,
                simulator.address(MARKET).rest(),
                folder,
                Duration.ofMillis(10),
                InstantSource.system());
    }

    private static Connector connector() {
        return Connectors.of(MARKET).orElseThrow();
    }
}
