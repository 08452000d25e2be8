package io.metdc.connectors;

import static org.assertj.core.api.Assertions.assertThat;

import io.metdc.market.Exchange;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.java_websocket.WebSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A subscribe request that is refused as a whole for the sake of one topic.
class BybitSessionTest {
    private static final Market SPOT = new Market(Exchange.BYBIT, MarketType.SPOT);
    private static final Pattern TOPICS = Pattern.compile("publicTrade\\.(\\w+)");
    private static final Pattern ID = Pattern.compile("\"req_id\":\"(\\d+)\"");

    private final Set<String> subscribed = new HashSet<>(); // of the server's one thread
    private String already = "error:already subscribed,topic:publicTrade.%s";
    private AutoCloseable server = () -> {};
    private AutoCloseable session = () -> {};

    @AfterEach
    void close() throws Exception {
        session.close();
        server.close();
    }

    private void answer(WebSocket socket, String request) {
        Matcher id = ID.matcher(request);
        assertThat(id.find()).isTrue();
        List<String> topics =
                TOPICS.matcher(request).results().map(match -> match.group(1)).toList();
        String said = topics.size() > 10 ? "args size >10" : "";
        for (String topic : topics) {
            if (topic.startsWith("BAD")) {
                said = "Invalid symbol :[publicTrade." + topic + "]";
            } else if (subscribed.contains(topic)) {
                said = already.formatted(topic);
            }
        }
        if (said.isEmpty()) {
            subscribed.addAll(topics);
        }
        socket.send("{\"success\":" + said.isEmpty() + ",\"ret_msg\":\"" + said + "\",\"conn_id\":\"c\",\"req_id\":\""
                + id.group(1) + "\",\"op\":\"subscribe\"}");
    }

    private Subscribed subscribe(List<Instrument> wanted) throws Exception {
        ExchangeServer started = ExchangeServer.answering(this::answer, null);
        server = started;
        Connector bybit = Connectors.of(SPOT).orElseThrow();
        Session opened = Session.open(
                "test-1",
                bybit,
                bybit.endpoint(started.url(), "test-1", new byte[0]),
                Network.DEFAULT,
                new SymbolTable(wanted),
                _ -> {},
                InstantSource.system(),
                null);
        session = opened;
        return opened.subscribe(wanted);
    }

    private static List<Instrument> instruments(String... symbols) {
        return List.of(symbols).stream()
                .map(symbol -> Instrument.of(SPOT, symbol, symbol, "USDT"))
                .toList();
    }

    @Test
    void two_bad_topics_cost_no_good_one_its_subscription() throws Exception {
        Subscribed answer = subscribe(instruments("A", "BAD1", "B", "C", "BAD2", "D"));

        assertThat(answer.accepted()).extracting(Instrument::symbol).containsExactlyInAnyOrder("A", "B", "C", "D");
        assertThat(answer.refused())
                .flatExtracting(Subscribed.Refusal::instruments)
                .extracting(Instrument::symbol)
                .containsExactlyInAnyOrder("BAD1", "BAD2");
        assertThat(subscribed).containsExactlyInAnyOrder("A", "B", "C", "D");
    }

    /// Only the text of linear was ever recorded.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "error:already subscribed,topic:publicTrade.%s",
                "Already subscribed :[publicTrade.%s]",
                "already subscribed",
            })
    void a_topic_that_is_subscribed_already_counts_and_the_others_follow(String said) throws Exception {
        already = said;
        subscribed.add("B");

        assertThat(subscribe(instruments("A", "B", "C")).accepted()).hasSize(3);
        assertThat(subscribed).containsExactlyInAnyOrder("A", "B", "C");
    }

    @Test
    void spot_asks_for_ten_topics_at_a_time() throws Exception {
        String[] symbols = IntStream.range(0, 25).mapToObj(i -> "C" + i).toArray(String[]::new);

        assertThat(subscribe(instruments(symbols)).accepted()).hasSize(25);
    }
}
