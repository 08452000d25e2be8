package io.metdc.connectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.metdc.market.Exchange;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.market.Row;
import io.metdc.market.Trade;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import org.java_websocket.WebSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/// A subscription that replaces the one before it, and is acknowledged by nothing but what follows.
@Execution(ExecutionMode.CONCURRENT) // it waits for most of its time
class UpbitSessionTest {
    private static final Market MARKET = new Market(Exchange.UPBIT, MarketType.SPOT);
    private static final Instrument USDT = Instrument.of(MARKET, "KRW-USDT", "USDT", "KRW");
    private static final Instrument BTC = Instrument.of(MARKET, "KRW-BTC", "BTC", "KRW");
    private static final Instrument NEW = Instrument.of(MARKET, "KRW-CRV", "CRV", "KRW");
    private static final Instant NOW = Instant.ofEpochMilli(1_795_012_346_200L);

    private final List<Row> rows = new CopyOnWriteArrayList<>();
    private AutoCloseable server = () -> {};
    private AutoCloseable session = () -> {};

    @AfterEach
    void close() throws Exception {
        session.close();
        server.close();
    }

    private Session open(BiConsumer<WebSocket, String> answers) throws Exception {
        ExchangeServer started = ExchangeServer.answering(answers, null);
        server = started;
        Connector upbit = Connectors.of(MARKET).orElseThrow();
        Session opened = Session.open(
                "test-1",
                upbit,
                upbit.endpoint(started.url(), "test-1", new byte[0]),
                Network.DEFAULT,
                new SymbolTable(List.of(USDT, BTC, NEW)),
                rows::add,
                InstantSource.fixed(NOW),
                null);
        session = opened;
        return opened;
    }

    private List<String> received() {
        return ((ExchangeServer) server)
                .received.stream().map(ExchangeServer.Received::text).toList();
    }

    private static String snapshot(String code, long id) {
        return "{\"type\":\"trade\",\"code\":\"" + code + "\",\"trade_price\":1450.5,\"trade_volume\":2,"
                + "\"ask_bid\":\"BID\",\"trade_timestamp\":1795012345000,\"sequential_id\":" + id
                + ",\"stream_type\":\"SNAPSHOT\"}";
    }

    private static void list(WebSocket socket, String... codes) {
        socket.send("{\"method\":\"LIST_SUBSCRIPTIONS\",\"result\":[{\"type\":\"trade\",\"codes\":[\""
                + String.join("\",\"", codes) + "\"]}],\"ticket\":\"t\"}");
    }

    @Test
    void the_past_trade_of_a_code_proves_its_subscription_and_is_stored() throws Exception {
        Session opened = open((socket, request) -> {
            if (request.contains("codes")) { // binary, as the exchange sends them
                socket.send(snapshot("KRW-USDT", 1).getBytes(StandardCharsets.UTF_8));
                socket.send(snapshot("KRW-BTC", 2).getBytes(StandardCharsets.UTF_8));
            }
        });

        assertThat(opened.subscribe(List.of(USDT, BTC)).accepted()).containsExactlyInAnyOrder(USDT, BTC);
        await().until(() -> rows.size() == 2);
        assertThat(rows).hasOnlyElementsOfType(Trade.class);
    }

    @Test
    void a_code_that_never_traded_is_known_from_the_list_of_subscriptions() throws Exception {
        Session opened = open((socket, request) -> {
            if (request.contains("LIST_SUBSCRIPTIONS")) {
                list(socket, "KRW-USDT", "KRW-BTC");
            }
        });

        Subscribed subscribed = opened.subscribe(List.of(USDT, BTC, NEW));

        assertThat(subscribed.accepted()).containsExactlyInAnyOrder(USDT, BTC);
        assertThat(subscribed.refused())
                .singleElement()
                .satisfies(refusal -> assertThat(refusal.instruments()).containsExactly(NEW));
    }

    @Test
    void one_more_code_never_silences_the_others() throws Exception {
        Session opened = open((socket, request) -> {
            if (request.contains("LIST_SUBSCRIPTIONS")) {
                list(socket, "KRW-USDT", "KRW-BTC", "KRW-CRV");
            }
        });
        opened.subscribe(List.of(USDT, BTC));
        opened.subscribe(List.of(NEW));

        assertThat(received())
                .filteredOn(text -> text.contains("codes"))
                .last()
                .asString()
                .contains("\"KRW-USDT\",\"KRW-BTC\",\"KRW-CRV\"");
        opened.unsubscribe(List.of(BTC));
        await().untilAsserted(() -> assertThat(received()).last().asString().contains("[\"KRW-USDT\",\"KRW-CRV\"]"));
    }

    @Test
    void after_an_error_the_former_subscription_is_sent_again() throws Exception {
        Session opened = open((socket, request) -> {
            if (request.contains("KRW-CRV")) {
                socket.send("{\"error\":{\"name\":\"INVALID_PARAM\",\"message\":\"unknown code\"}}");
            } else if (request.contains("LIST_SUBSCRIPTIONS")) {
                list(socket, "KRW-USDT");
            }
        });
        opened.subscribe(List.of(USDT));

        assertThat(opened.subscribe(List.of(NEW)).refused()).hasSize(1);
        await().untilAsserted(() -> assertThat(received()).last().asString().contains("\"codes\":[\"KRW-USDT\"]"));
    }
}
