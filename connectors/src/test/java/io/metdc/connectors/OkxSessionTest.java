package io.metdc.connectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.metdc.market.Exchange;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.market.Origin;
import io.metdc.market.Row;
import io.metdc.market.Trade;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;
import org.java_websocket.WebSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Acknowledgements that come one by one, refusals that name their symbol in a text, and the old trade that follows.
class OkxSessionTest {
    private static final Market SPOT = new Market(Exchange.OKX, MarketType.SPOT);
    private static final Pattern SYMBOLS = Pattern.compile("\"instId\":\"([^\"]+)\"");
    private static final Instant NOW = Instant.ofEpochMilli(1_795_012_346_200L);

    private final List<Row> rows = new CopyOnWriteArrayList<>();
    private AutoCloseable server = () -> {};
    private AutoCloseable session = () -> {};

    @AfterEach
    void close() throws Exception {
        session.close();
        server.close();
    }

    private Session open(BiConsumer<WebSocket, String> answers, List<Instrument> instruments) throws Exception {
        ExchangeServer started = ExchangeServer.answering(answers, null);
        server = started;
        Connector okx = Connectors.of(SPOT).orElseThrow();
        Session opened = Session.open(
                "test-1",
                okx,
                okx.endpoint(started.url(), "test-1", new byte[0]),
                Network.DEFAULT,
                new SymbolTable(instruments),
                rows::add,
                InstantSource.fixed(NOW),
                null);
        session = opened;
        return opened;
    }

    private static List<Instrument> instruments(String... symbols) {
        return List.of(symbols).stream()
                .map(symbol -> Instrument.of(SPOT, symbol, symbol, "USDT"))
                .toList();
    }

    private static List<String> symbols(String request) {
        return SYMBOLS.matcher(request).results().map(match -> match.group(1)).toList();
    }

    private static void acknowledge(WebSocket socket, String symbol) {
        socket.send("{\"event\":\"subscribe\",\"arg\":{\"channel\":\"trades-all\",\"instId\":\"" + symbol
                + "\"},\"connId\":\"c\"}");
    }

    private static void trade(WebSocket socket, String symbol, int id, long millis) {
        socket.send("{\"arg\":{\"channel\":\"trades-all\",\"instId\":\"" + symbol + "\"},\"data\":[{\"instId\":\""
                + symbol + "\",\"tradeId\":\"" + id + "\",\"px\":\"1\",\"sz\":\"1\",\"side\":\"buy\",\"ts\":\"" + millis
                + "\"}]}");
    }

    @Test
    void one_unknown_symbol_among_many_costs_the_others_nothing() throws Exception {
        List<Instrument> wanted = instruments("A-USDT", "NOPE-USDT", "B-USDT");
        Session opened = open(
                (socket, request) -> {
                    for (String symbol : symbols(request)) {
                        if (symbol.startsWith("NOPE")) {
                            String id = request.replaceAll(".*\"id\":\"(\\d+)\".*", "$1");
                            socket.send("{\"event\":\"error\",\"code\":\"60018\",\"msg\":\"wrong URL or channel:"
                                    + "trades-all,instId:" + symbol + " doesn't exist.\",\"id\":\"" + id + "\"}");
                        } else {
                            acknowledge(socket, symbol);
                        }
                    }
                },
                wanted);

        Subscribed answer = opened.subscribe(wanted);

        assertThat(answer.accepted()).extracting(Instrument::symbol).containsExactlyInAnyOrder("A-USDT", "B-USDT");
        assertThat(answer.refused())
                .flatExtracting(Subscribed.Refusal::instruments)
                .extracting(Instrument::symbol)
                .containsExactly("NOPE-USDT");
    }

    @Test
    void a_connection_that_is_closed_for_carrying_too_much_hands_half_of_it_to_another() throws Exception {
        List<Instrument> wanted = instruments("A-USDT", "B-USDT", "C-USDT");
        Session opened = open((socket, _) -> socket.close(4009, "too many channels"), wanted);

        Subscribed answer = opened.subscribe(wanted);

        assertThat(answer.accepted()).isEmpty();
        assertThat(answer.refused()).isEmpty();
        assertThat(answer.homeless()).extracting(Instrument::symbol).containsExactly("B-USDT", "C-USDT");
    }

    @Test
    void a_request_that_the_exchange_calls_invalid_is_named_by_the_failure() throws Exception {
        List<Instrument> wanted = instruments("A-USDT");
        Session opened = open((socket, _) -> socket.close(4002, "invalid request"), wanted);

        assertThatThrownBy(() -> opened.subscribe(wanted)).hasMessageContainingAll("4002", "trades-all", "A-USDT");
    }

    @Test
    void the_trade_that_happened_before_the_subscription_is_history_and_only_the_first() throws Exception {
        List<Instrument> wanted = instruments("A-USDT", "B-USDT");
        Session opened = open(
                (socket, request) -> {
                    for (String symbol : symbols(request)) {
                        acknowledge(socket, symbol);
                    }
                    trade(socket, "A-USDT", 1, NOW.toEpochMilli() - 26_000);
                    trade(socket, "A-USDT", 2, NOW.toEpochMilli() - 1);
                    trade(socket, "B-USDT", 1, NOW.toEpochMilli() + 5);
                },
                wanted);
        opened.subscribe(wanted);
        await().until(() -> rows.size() == 3);

        assertThat(rows)
                .extracting(row -> ((Trade) row).origin())
                .containsExactly(Origin.SNAPSHOT, Origin.STREAM, Origin.STREAM);
    }
}
