package io.metdc.symbols;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.metdc.connectors.Connector;
import io.metdc.connectors.Connectors;
import io.metdc.connectors.FeedException;
import io.metdc.market.Market;
import io.metdc.symbols.ListServer.Answer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Whatever a market answers instead of its list, the watch sets stay as they are.
class RefusedAnswersTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String PAGE = "<!DOCTYPE html><html><body>Just a moment...</body></html>";

    private static final Set<String> COINS = Set.of("BTC", "PEPE", "USDT");

    private enum Bad {
        NOTHING,
        EMPTY_LIST,
        EMPTY_OBJECT,
        PAGE_WITH_200,
        PAGE_WITH_503,
        ERROR_WITH_200,
        ERROR_WITH_500,
        TOO_MANY,
        BANNED,
        ELSEWHERE,
        HALF_OF_THE_BYTES,
        TEXT,
        NULL
    }

    @TempDir
    private Path folder;

    private final List<Changes> heard = new ArrayList<>();
    private final Universe universe =
            new Universe(Filter.DEFAULT, InstantSource.system(), (changes, _) -> heard.add(changes));
    private ListServer server;
    private volatile Bad bad;
    private final Queue<Integer> rows = new ConcurrentLinkedQueue<>(); // of the next answers; empty: all

    @BeforeEach
    void start() throws Exception {
        server = new ListServer(folder, (market, _) -> answer(market));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    static Stream<Market> markets() {
        return Connectors.all().stream().map(Connector::market);
    }

    @ParameterizedTest
    @MethodSource("markets")
    void a_bad_answer_changes_nothing_but_the_status_and_a_counter(Market market) throws Exception {
        universe.accept(server.load(market));
        WatchSet good = universe.watched(market);
        KrwList krw = universe.krw();
        assertThat(good.watched()).isNotEmpty();
        heard.clear();
        for (Bad each : Bad.values()) {
            bad = each;
            long before = universe.status(market).refused();

            universe.accept(server.load(market));

            assertThat(universe.status(market).refused()).as("%s", each).isEqualTo(before + 1);
            assertThat(universe.status(market).trouble()).as("%s", each).isNotNull();
            assertThat(universe.watched(market)).as("%s", each).isEqualTo(good);
            assertThat(universe.krw()).as("%s", each).isEqualTo(krw);
        }
        assertThat(heard).isEmpty();
        bad = null;
        universe.accept(server.load(market));
        assertThat(universe.status(market).trouble()).isNull();
        assertThat(universe.watched(market)).isEqualTo(good);
    }

    @ParameterizedTest
    @MethodSource("markets")
    void without_a_good_list_nothing_is_collected_and_the_trouble_is_known(Market market) throws Exception {
        bad = Bad.EMPTY_LIST;

        try {
            universe.accept(server.load(market));
        } catch (FeedException e) {
            universe.refused(market, e.failure());
        }

        assertThat(universe.watched(market).watched()).isEmpty();
        assertThat(universe.status(market).trouble()).isNotNull();
        assertThat(universe.status(market).refused()).isEqualTo(1);
        assertThat(heard).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("markets")
    void a_list_suddenly_under_half_as_long_is_believed_only_when_a_second_one_says_the_same(Market market)
            throws Exception {
        universe.accept(server.load(market));
        WatchSet good = universe.watched(market);
        heard.clear();

        rows.addAll(List.of(1, 2));
        universe.accept(server.load(market));

        rows.clear(); // Upbit is not asked again
        assertThat(universe.watched(market)).isEqualTo(good);
        assertThat(universe.status(market).refused()).isEqualTo(1);
        assertThat(heard).isEmpty();

        rows.addAll(List.of(1, 1));
        universe.accept(server.load(market));

        if (market.equals(KrwList.MARKET)) { // so short it is never believed
            assertThat(universe.watched(market)).isEqualTo(good);
        } else {
            assertThat(universe.watched(market).watched()).hasSize(1);
            assertThat(universe.status(market).refused()).isEqualTo(1);
        }
    }

    @Test
    void a_short_list_of_upbits_that_an_earlier_version_kept_is_not_used() throws Exception {
        InstrumentList few = Invented.upbits(Invented.NOW, "BTC", "USDT");
        new LastGoodList(KrwList.MARKET, server.address(KrwList.MARKET), folder)
                .write(new InstrumentList(KrwList.MARKET, few.instruments(), 12, Map.of(), Invented.NOW, null));
        bad = Bad.PAGE_WITH_503;

        assertThatThrownBy(() -> server.load(KrwList.MARKET)).isInstanceOf(FeedException.class);

        bad = null;
        universe.accept(server.load(KrwList.MARKET));
        assertThat(universe.krw()).isNotNull();
    }

    private Answer answer(Market market) throws IOException {
        Integer first = rows.poll();
        if (first != null) {
            JsonNode tree = JSON.readTree(Invented.answer(market, COINS));
            cut(tree, first);
            return Answer.of(JSON.writeValueAsBytes(tree));
        }
        Bad now = bad;
        if (now == null) {
            return Answer.of(Invented.answer(market, COINS));
        }
        return switch (now) {
            case NOTHING -> new Answer(200, "");
            case EMPTY_LIST -> new Answer(200, "[]");
            case EMPTY_OBJECT -> new Answer(200, "{}");
            case PAGE_WITH_200 -> new Answer(200, PAGE);
            case PAGE_WITH_503 -> new Answer(503, PAGE);
            case ERROR_WITH_200 ->
                new Answer(200, "{\"code\":\"50011\",\"retCode\":10006,\"msg\":\"Too Many Requests\"}");
            case ERROR_WITH_500 -> new Answer(500, "{\"error\":{\"name\":\"server_error\",\"message\":\"?\"}}");
            case TOO_MANY -> new Answer(429, "{\"code\":-1003}");
            case BANNED -> new Answer(418, "{\"code\":-1003}");
            case ELSEWHERE -> new Answer(404, "not found");
            case HALF_OF_THE_BYTES -> {
                byte[] whole = Invented.answer(market, COINS);
                yield Answer.of(Arrays.copyOf(whole, whole.length / 2));
            }
            case TEXT -> new Answer(200, "\"maintenance\"");
            case NULL -> new Answer(200, "null");
        };
    }

    /// Leaves so many rows of each list.
    private static void cut(JsonNode node, int rows) {
        while (node instanceof ArrayNode list
                && list.size() > rows
                && list.get(0).isObject()) {
            list.remove(list.size() - 1);
        }
        node.forEach(child -> cut(child, rows));
    }
}
