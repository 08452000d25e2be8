package io.metdc.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class UpbitNoticeSessionTest {
    private static final String TITLE = "새빛(SABT) 신규 거래지원 안내 (KRW, BTC, USDT 마켓)";
    private static final String TRADE =
            "[{'ticket':'t-1'},{'type':'announcement','categories':['trade']},{'format':'DEFAULT'}]";

    private static final List<Client> OPEN = new ArrayList<>();

    @RegisterExtension
    static final Simulated SIMULATED = new Simulated(SimulatorOptions.builder()
            .connects(1_000)
            .markets(Simulator.KRW)
            .rate(100)
            .instruments(2));

    static String token(String algorithm, String access, String secret) {
        String name = "HmacSHA" + algorithm.substring(2);
        String signed = base64("{\"alg\":\"" + algorithm + "\",\"typ\":\"JWT\"}") + "."
                + base64("{\"access_key\":\"" + access + "\",\"nonce\":\"" + UUID.randomUUID() + "\"}");
        try {
            Mac mac = Mac.getInstance(name);
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), name));
            byte[] signature = mac.doFinal(signed.getBytes(StandardCharsets.UTF_8));
            return "Bearer " + signed + "."
                    + Base64.getUrlEncoder().withoutPadding().encodeToString(signature);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String base64(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static Client attempt(Simulator simulator, Map<String, String> headers) throws InterruptedException {
        URI address = URI.create(simulator.address(Simulator.KRW).websocket() + "/private");
        Client client = Client.open(address, headers);
        client.readsBinary = true;
        OPEN.add(client);
        return client;
    }

    /// Only one is accepted at a time, and only so many connect in a second.
    static Client open(Simulator simulator) {
        return await().until(
                        () -> attempt(
                                simulator,
                                Map.of("Authorization", token("HS512", Simulator.ACCESS_KEY, Simulator.SECRET_KEY))),
                        Client::isOpen);
    }

    private static Client subscribed(String request) {
        Client client = open(SIMULATED.simulator());
        client.say(request);
        client.ask("[{'ticket':'q'},{'method':'LIST_SUBSCRIPTIONS'}]", frame -> frame.has("method"));
        return client;
    }

    /// Whoever is not closed keeps the next one out.
    @AfterEach
    void close() {
        OPEN.forEach(Client::close);
        OPEN.clear();
    }

    private static SimulatedNotice notice(String title) {
        return SimulatedNotice.trade(title).pushedAfter(Duration.ZERO);
    }

    private static JsonNode heard(Client client, int index) {
        await().until(() -> announcements(client).size() > index);
        return announcements(client).get(index);
    }

    private static List<JsonNode> announcements(Client client) {
        return client.said().filter(frame -> !frame.has("method")).toList();
    }

    // ---- who is let in

    @ParameterizedTest
    @ValueSource(strings = {"HS256", "HS384", "HS512"})
    void a_signed_token_opens(String algorithm) {
        Map<String, String> headers =
                Map.of("Authorization", token(algorithm, Simulator.ACCESS_KEY, Simulator.SECRET_KEY));
        await().until(() -> attempt(SIMULATED.simulator(), headers).isOpen());
    }

    @ParameterizedTest
    @CsvSource({
        "HS256, simulated-access, another-secret",
        "HS256, another-access, simulated-secret",
        "HS512, simulated-access, simulated-secre",
    })
    void a_token_of_other_keys_is_not_authorized(String algorithm, String access, String secret) {
        assertThat(UpbitNoticeSession.isSigned(token(algorithm, access, secret)))
                .isFalse();
    }

    @Test
    void without_a_token_the_handshake_fails_with_401() throws Exception {
        for (String header : List.of("", "Bearer", "Bearer x.y.z", "Bearer e30.e30.e30", "Basic YTpi")) {
            assertThat(UpbitNoticeSession.isSigned(header)).as(header).isFalse();
        }
        await().untilAsserted(() ->
                assertThat(attempt(SIMULATED.simulator(), Map.of()).closeReason).contains("401"));
        assertThat(UpbitNoticeSession.isSigned(token("HS256", Simulator.ACCESS_KEY, Simulator.SECRET_KEY)))
                .isTrue();
    }

    @Test
    void a_second_private_connection_is_refused_while_there_is_one() throws Exception {
        Client first = open(SIMULATED.simulator());
        Map<String, String> headers =
                Map.of("Authorization", token("HS256", Simulator.ACCESS_KEY, Simulator.SECRET_KEY));
        assertThat(attempt(SIMULATED.simulator(), headers).isOpen()).isFalse();
        first.close();
        Client second = open(SIMULATED.simulator());
        assertThat(second.isOpen()).isTrue();
    }

    // ---- what is said

    @Test
    void a_notice_is_pushed_when_it_is_published_and_when_it_is_amended_and_nothing_of_before_comes() {
        Client before = subscribed(TRADE);
        SIMULATED.simulator().publish(notice("before"));
        heard(before, 0);
        before.close();
        Client client = subscribed(TRADE);
        Instant since = Instant.now();
        Simulator.Published published = SIMULATED.simulator().publish(notice(TITLE));
        JsonNode created = heard(client, 0);
        SIMULATED.simulator().amend(published.key(), TITLE + " (거래지원 개시 시점 변경 안내)");
        JsonNode updated = heard(client, 1);

        assertThat(created.path("event_type").asText()).isEqualTo("CREATED");
        assertThat(created.path("uuid").asText()).isEqualTo(published.key());
        assertThat(created.path("title").asText()).isEqualTo(TITLE);
        assertThat(created.path("first_listed_at").asText()).isEqualTo(Notices.time(published.firstListedAt()));
        assertThat(created.path("listed_at")).isEqualTo(created.path("first_listed_at"));
        assertThat(created.path("stream_type").asText()).isEqualTo("REALTIME");
        assertThat(created.has("body")).isFalse();
        assertThat(Instant.ofEpochMilli(created.path("timestamp").asLong()))
                .isBetween(since.minusMillis(1), Instant.now());
        assertThat(updated.path("event_type").asText()).isEqualTo("UPDATED");
        assertThat(updated.path("title").asText()).endsWith("변경 안내)");
        assertThat(updated.path("first_listed_at")).isEqualTo(created.path("first_listed_at"));
    }

    @Test
    void only_the_categories_asked_for_come_and_a_silent_change_never_does() {
        Client client = subscribed(
                "[{'ticket':'t'},{'type':'announcement','categories':['trade','wallet']},{'format':'DEFAULT'}]");
        publish(SimulatedNotice.Category.EVENT);
        SIMULATED.simulator().retitle(publish(SimulatedNotice.Category.TRADE), "silent");
        publish(SimulatedNotice.Category.WALLET);

        assertThat(heard(client, 0).path("category").asText()).isEqualTo("거래");
        assertThat(heard(client, 1).path("category").asText()).isEqualTo("입출금");
    }

    private static String publish(SimulatedNotice.Category category) {
        return SIMULATED
                .simulator()
                .publish(SimulatedNotice.of(category, TITLE).pushedAfter(Duration.ZERO))
                .key();
    }

    @Test
    void the_body_comes_when_it_is_asked_for_in_short_names_and_as_a_list() {
        Client client = subscribed("[{'ticket':'t'},{'type':'announcement','categories':['trade'],"
                + "'include_body':true},{'format':'SIMPLE_LIST'}]");
        client.ask(
                "[{'ticket':'q'},{'method':'LIST_SUBSCRIPTIONS'},{'format':'SIMPLE_LIST'}]",
                frame -> frame.path("ticket").asText().equals("q"));
        SIMULATED.simulator().publish(notice(TITLE).opening(Instant.parse("2026-11-20T05:00:00Z")));

        JsonNode frame = heard(client, 0);
        assertThat(frame.isArray()).isTrue();
        assertThat(frame.get(0).path("et").asText()).isEqualTo("CREATED");
        assertThat(frame.get(0).path("bd").asText()).contains("\n|새빛(SABT)|KRW, BTC, USDT|Ethereum|11월 20일 14시 예정|\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "nonsense | WRONG_FORMAT",
                "[{'type':'announcement','categories':['trade']}] | NO_TICKET",
                "[{'ticket':'t'}] | NO_TYPE",
                "[{'ticket':'t'},{'type':'announcement','categories':['trade','dtw']}] | INVALID_PARAM",
                "[{'ticket':'t'},{'type':'notices','categories':['trade']}] | INVALID_PARAM",
            })
    void wrong_requests_have_the_names_of_the_exchange(String request, String name) {
        Client client = open(SIMULATED.simulator());
        assertThat(client.ask(request, frame -> true).at("/error/name").asText())
                .isEqualTo(name);
        assertThat(client.hear("PING", frame -> true)).isEqualTo("{\"status\":\"UP\"}");
    }

    @Test
    void messages_are_binary_and_pings_are_answered() {
        Client client = subscribed(TRADE);
        client.readsBinary = false;
        SIMULATED.simulator().publish(notice(TITLE));
        await().until(() -> client.binary.size() == 1);
        client.sendPing();
        await().until(() -> client.pongs.get() == 1);
    }
}
