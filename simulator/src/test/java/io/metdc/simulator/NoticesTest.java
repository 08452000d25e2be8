package io.metdc.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class NoticesTest {
    private static final Instant NOW = Instant.parse("2026-11-20T10:00:00.250Z");
    private static final String QUERY = "?os=web&page=1&per_page=20&category=";
    private static final String LISTING = "새빛(SABT) 신규 거래지원 안내 (KRW, BTC, USDT 마켓)";

    private final SettableClock clock = new SettableClock(NOW);
    private final HttpClient http = HttpClient.newHttpClient();
    private Simulator simulator;

    @BeforeEach
    void start() throws IOException {
        simulator = simulator(1_000_000);
    }

    private Simulator simulator(int restWeight) throws IOException {
        return Simulated.strict(Simulator.KRW, restWeight, clock);
    }

    @AfterEach
    void stop() {
        simulator.close();
        http.close();
    }

    private HttpResponse<String> get(String query, String... headers) throws Exception {
        return Client.get(http, simulator.noticesUrl(), query, headers);
    }

    private JsonNode data(String query) throws Exception {
        HttpResponse<String> answer = get(query);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        JsonNode body = Client.json(answer.body());
        assertThat(body.path("success").asBoolean()).isTrue();
        return body.path("data");
    }

    private List<JsonNode> page(String category) throws Exception {
        return data(QUERY + category).path("notices").valueStream().toList();
    }

    private static Instant time(JsonNode notice, String field) {
        return OffsetDateTime.parse(notice.path(field).asText()).toInstant();
    }

    private static List<String> texts(List<JsonNode> notices, String field) {
        return notices.stream().map(notice -> notice.path(field).asText()).toList();
    }

    // ---- the list

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "?page=1&per_page=20&category=trade",
                "?os=web&page=1&per_page=20",
                "?os=web&page=1&per_page=31&category=trade",
                "?os=web&page=1&per_page=100&category=trade",
                "?os=web&page=0&per_page=20&category=trade",
                "?os=web&page=1&per_page=20&category=trade?cb=17",
                "?os=desktop&page=1&per_page=20&category=trade",
            })
    void a_request_without_what_is_required_is_refused(String query) throws Exception {
        HttpResponse<String> answer = get(query);

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(Client.json(answer.body()).path("success").asBoolean(true)).isFalse();
        assertThat(Client.json(answer.body()).path("error_message").asText()).isNotEmpty();
    }

    @Test
    void a_category_has_its_own_notices_and_pages_and_the_pinned_ones_stand_on_every_page() throws Exception {
        JsonNode trade = data(QUERY + "trade");
        assertThat(texts(trade.path("notices").valueStream().toList(), "category"))
                .hasSize(20)
                .containsOnly("거래");
        int total = trade.path("total_count").asInt();
        assertThat(total).isGreaterThan(40);
        assertThat(trade.path("total_pages").asInt()).isEqualTo((total + 19) / 20);
        assertThat(data(QUERY + "all").path("total_count").asInt()).isGreaterThan(60);

        List<JsonNode> notices = new ArrayList<>();
        for (int page = 1; page <= 4; page++) {
            JsonNode data = data("?os=web&page=" + page + "&per_page=20&category=trade");
            data.path("notices").forEach(notices::add);
            assertThat(data.path("fixed_notices")).isNotEmpty();
            assertThat(texts(data.path("fixed_notices").valueStream().toList(), "uuid"))
                    .isEqualTo(texts(data.path("fixed_notices").valueStream().toList(), "id"));
        }
        assertThat(texts(notices, "uuid")).hasSize(total).doesNotHaveDuplicates();
        assertThat(data("?os=web&page=1&per_page=30&category=trade").path("notices"))
                .hasSize(30);
        for (SimulatedNotice.Category category : SimulatedNotice.Category.values()) {
            assertThat(texts(page(category.listed()), "category"))
                    .as(category.listed())
                    .isNotEmpty()
                    .containsOnly(category.label());
        }
    }

    @Test
    void the_list_is_in_the_order_of_its_latest_publications_not_of_its_ids() throws Exception {
        List<JsonNode> notices = page("all");

        assertThat(notices.reversed().stream().map(notice -> time(notice, "listed_at")))
                .isSorted();
        assertThat(notices.reversed().stream()
                        .map(notice -> notice.path("id").asInt())
                        .toList())
                .satisfies(ids ->
                        assertThat(ids).isNotEqualTo(ids.stream().sorted().toList()));
        assertThat(notices)
                .anySatisfy(notice -> assertThat(time(notice, "listed_at")).isAfter(time(notice, "first_listed_at")))
                .allSatisfy(notice -> {
                    assertThat(notice.path("uuid").asText()).matches("\\d{7,10}");
                    assertThat(notice.path("first_listed_at").asText())
                            .matches("20\\d\\d-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\+09:00");
                    assertThat(time(notice, "listed_at")).isBefore(NOW.minus(Duration.ofHours(2)));
                });
        List<JsonNode> byFirst = notices.stream()
                .sorted((one, other) -> time(one, "first_listed_at").compareTo(time(other, "first_listed_at")))
                .toList();
        List<Integer> ids =
                byFirst.stream().map(notice -> notice.path("id").asInt()).toList();
        assertThat(ids).isSorted();
        assertThat(ids.getLast() - ids.getFirst()).isGreaterThan(ids.size()); // numbers are left out
    }

    @Test
    void badges_last_a_day_and_an_amendment_takes_the_new_one() throws Exception {
        String key = simulator.publish(SimulatedNotice.trade(LISTING)).key();
        clock.advance(Duration.ofHours(2));
        assertThat(first().path("need_new_badge").asBoolean()).isTrue();
        simulator.amend(key, LISTING + " (거래지원 개시 시점 변경 안내)");
        clock.advance(Duration.ofHours(23));
        assertThat(first().path("need_new_badge").asBoolean()).isFalse();
        assertThat(first().path("need_update_badge").asBoolean()).isTrue();
        clock.advance(Duration.ofHours(1));
        assertThat(first().path("need_update_badge").asBoolean()).isFalse();
        assertThat(texts(page("trade"), "title").getFirst()).endsWith("변경 안내)");
    }

    private JsonNode first() throws Exception {
        return page("trade").getFirst();
    }

    // ---- publishing

    @Test
    void a_notice_is_on_the_list_after_its_delay_with_the_second_of_its_publication() throws Exception {
        Simulator.Published published =
                simulator.publish(SimulatedNotice.trade(LISTING).listedAfter(Duration.ofSeconds(16)));
        assertThat(published.firstListedAt()).isEqualTo("2026-11-20T10:00:00Z");
        clock.advance(Duration.ofMillis(15_999));
        assertThat(texts(page("trade"), "uuid")).doesNotContain(published.key());
        clock.advance(Duration.ofMillis(1));

        assertThat(first().path("uuid").asText()).isEqualTo(published.key());
        assertThat(first().path("first_listed_at").asText()).isEqualTo("2026-11-20T19:00:00+09:00");
        assertThat(first().path("title").asText()).isEqualTo(LISTING);
        assertThat(texts(page("dtw"), "uuid")).doesNotContain(published.key());
    }

    @Test
    void a_notice_that_is_amended_moves_to_the_top_and_one_that_is_retitled_stays_where_it_is() throws Exception {
        String old = texts(page("trade"), "uuid").get(7);
        String silent = texts(page("trade"), "uuid").get(12);
        JsonNode before = page("trade").get(12);
        simulator.amend(old, "amended");
        simulator.retitle(silent, "retitled");
        clock.advance(Duration.ofSeconds(2));

        assertThat(first().path("uuid").asText()).isEqualTo(old);
        assertThat(first().path("title").asText()).isEqualTo("amended");
        assertThat(time(first(), "listed_at")).isEqualTo("2026-11-20T10:00:00Z");
        assertThat(time(first(), "first_listed_at")).isBefore(NOW.minus(Duration.ofDays(1)));
        JsonNode after = page("trade").get(12);
        assertThat(after.path("title").asText()).isEqualTo("retitled");
        for (String field : List.of("uuid", "listed_at", "first_listed_at", "need_update_badge")) {
            assertThat(after.path(field)).isEqualTo(before.path(field));
        }
        assertThatThrownBy(() -> simulator.amend("17", "x")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void a_notice_of_long_ago_is_on_the_list_at_once_and_was_not_before() throws Exception {
        assertThat(texts(page("trade"), "title")).doesNotContain(LISTING);
        Instant at = NOW.minus(Duration.ofMinutes(16)).truncatedTo(ChronoUnit.SECONDS);
        Simulator.Published published = simulator.publish(SimulatedNotice.trade(LISTING), at);

        assertThat(published.firstListedAt()).isEqualTo(at);
        assertThat(first().path("uuid").asText()).isEqualTo(published.key());
        assertThat(time(first(), "first_listed_at")).isEqualTo(published.firstListedAt());
    }

    @Test
    void an_amendment_can_move_the_opening_and_another_one_leaves_it_there() throws Exception {
        String key = simulator
                .publish(SimulatedNotice.trade(LISTING).opening(NOW.plus(Duration.ofHours(2))))
                .key();
        simulator.amend(key, LISTING + " (거래지원 개시 시점 변경 안내)", NOW.plus(Duration.ofMinutes(225)));
        simulator.amend(key, LISTING + " (거래지원 개시 시점 변경 안내) (주문 타입 제한 관련 안내)");
        clock.advance(Duration.ofSeconds(2));
        HttpResponse<String> detail = Client.get(http, URI.create(simulator.noticesUrl() + "/" + key), "?os=web");

        assertThat(Client.json(detail.body()).path("data").path("body").asText())
                .contains("22시 45분 예정")
                .doesNotContain("21시");
    }

    @Test
    void the_configuration_names_the_whole_address_of_the_list() {
        assertThat(simulator.configuration())
                .endsWith("  notices_url: \"" + simulator.address(Simulator.KRW).rest() + "/api/v1/announcements\"\n");
    }

    // ---- what is around it

    @Test
    void an_unchanged_page_is_answered_by_304_and_a_changed_one_is_not() throws Exception {
        String tag = get(QUERY + "trade").headers().firstValue("ETag").orElseThrow();
        assertThat(tag).matches("W/\".+\"");
        HttpResponse<String> same = get(QUERY + "trade", "If-None-Match", tag);
        assertThat(same.statusCode()).isEqualTo(304);
        assertThat(same.body()).isEmpty();
        assertThat(same.headers().firstValue("Date")).isPresent();
        assertThat(same.headers().firstValue("Cf-Cache-Status")).contains("DYNAMIC");
        assertThat(get(QUERY + "all", "If-None-Match", tag).statusCode()).isEqualTo(200);
        simulator.publish(SimulatedNotice.trade(LISTING));
        clock.advance(Duration.ofSeconds(1));
        assertThat(get(QUERY + "trade", "If-None-Match", tag).statusCode()).isEqualTo(200);
    }

    @Test
    void an_answer_is_compressed_for_who_asks_for_it() throws Exception {
        HttpResponse<byte[]> answer = http.send(
                java.net.http.HttpRequest.newBuilder(URI.create(simulator.noticesUrl() + QUERY + "trade"))
                        .header("Accept-Encoding", "gzip")
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
        assertThat(answer.headers().firstValue("Content-Encoding")).contains("gzip");
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(answer.body()))) {
            assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo(get(QUERY + "trade").body());
        }
    }

    @Test
    void another_site_is_refused() throws Exception {
        assertThat(get(QUERY + "trade", "Origin", "https://upbit.com").statusCode())
                .isEqualTo(200);
        assertThat(get(QUERY + "trade", "Origin", "https://example.org").statusCode())
                .isEqualTo(403);
    }

    @Test
    void one_address_may_ask_once_a_second_on_average_and_is_not_told_when_to_come_back() throws Exception {
        try (Simulator strict = simulator(0)) {
            assertThat(refused(strict, Duration.ofMillis(500))).first().isEqualTo(16); // as was measured
            clock.advance(Duration.ofMinutes(1));
            assertThat(refused(strict, Duration.ofSeconds(2))).isEmpty();
            String key = Client.json(Client.get(http, strict.noticesUrl(), QUERY + "trade")
                            .body())
                    .at("/data/notices/0/uuid")
                    .asText();
            for (int i = 1; i <= 3; i++) {
                HttpResponse<String> detail = Client.get(http, strict.noticesUrl(), "/" + key);
                assertThat(detail.statusCode()).isEqualTo(i < 3 ? 200 : 429);
                assertThat(detail.headers().firstValue("Retry-After")).isEmpty();
            }
        }
    }

    /// Which of 50 requests are.
    private List<Integer> refused(Simulator strict, Duration spacing) throws Exception {
        List<Integer> refused = new ArrayList<>();
        for (int i = 1; i <= 50; i++) {
            if (Client.get(http, strict.noticesUrl(), QUERY + "trade").statusCode() == 429) {
                refused.add(i);
            }
            clock.advance(spacing);
        }
        return refused;
    }

    // ---- one notice

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "새빛(SABT) 신규 거래지원 안내 (KRW, BTC, USDT 마켓) | 새빛(SABT)=KRW, BTC, USDT",
                "가온(GAON)(KRW, USDT 마켓), 나리(별)(NARI)(BTC 마켓) 디지털 자산 추가 | 가온(GAON)=KRW, USDT;나리(별)(NARI)=BTC",
                "KRW, BTC 마켓 디지털 자산 추가 (A, 0Z) (거래지원 개시 시점 연기 안내) | A=KRW, BTC;0Z=KRW, BTC",
                "새빛(SABT) 거래 유의 종목 지정 안내 | ''",
            })
    void the_body_says_what_opens_where_and_when_in_korean_time(String title, String coins) throws Exception {
        String key = simulator
                .publish(SimulatedNotice.trade(title).opening(Instant.parse("2026-12-31T15:30:00Z")))
                .key();
        clock.advance(Duration.ofSeconds(1));
        JsonNode notice = data("/" + key);

        assertThat(notice.path("title").asText()).isEqualTo(title);
        String body = notice.path("body").asText();
        assertThat(body.replace("\r\n", "")).doesNotContain("\n");
        List<String> rows =
                body.lines().filter(line -> line.startsWith("<tr><td>")).toList();
        assertThat(rows).hasSize(coins.isEmpty() ? 0 : coins.split(";", -1).length);
        for (int i = 0; i < rows.size(); i++) {
            String[] expected = coins.split(";", -1)[i].split("=", -1);
            assertThat(rows.get(i))
                    .startsWith("<tr><td>" + expected[0] + "</td><td>" + expected[1] + "</td><td>")
                    .endsWith("<td>1월 1일 0시 30분 예정</td></tr>");
        }
    }

    @Test
    void what_nobody_can_see_yet_has_no_body_either() throws Exception {
        String key = simulator
                .publish(SimulatedNotice.trade("<script>(EVIL) KRW 마켓 디지털 자산 추가"))
                .key();
        assertThat(get("/" + key).statusCode()).isEqualTo(404);
        assertThat(get("/17").statusCode()).isEqualTo(404);
        clock.advance(Duration.ofSeconds(1));
        assertThat(data("/" + key).path("body").asText())
                .contains("&lt;script&gt;")
                .contains("추후 공지")
                .doesNotContain("<script>");
    }

    // ---- faults

    @ParameterizedTest
    @CsvSource({"notices-html,200", "notices-403,403", "notices-503,503"})
    void a_web_page_comes_where_json_should_be_and_the_other_interfaces_go_on(String name, int status)
            throws Exception {
        Fault fault = Fault.of(name).orElseThrow();
        simulator.inject(fault);
        HttpResponse<String> answer = get(QUERY + "trade");
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(answer.body()).startsWith("<html>");
        assertThat(Client.get(http, simulator.address(Simulator.KRW).rest(), "/v1/market/all")
                        .statusCode())
                .isEqualTo(200);
        simulator.clear(fault);
        assertThat(page("trade")).isNotEmpty();
    }

    @Test
    void too_many_requests_and_failures_can_be_had_at_once() throws Exception {
        simulator.inject(Fault.NOTICES_429);
        assertThat(get(QUERY + "trade").statusCode()).isEqualTo(429);
        assertThat(get(QUERY + "trade").headers().firstValue("Retry-After")).isEmpty();
        simulator.clear(Fault.NOTICES_429);
        simulator.inject(Fault.NOTICES_ERROR);
        assertThat(get(QUERY + "trade").statusCode()).isEqualTo(200);
        assertThat(Client.json(get(QUERY + "trade").body()).path("success").asBoolean(true))
                .isFalse();
    }

    @Test
    void a_host_that_is_gone_answers_nothing() throws Exception {
        simulator.inject(Fault.NOTICES_GONE);
        assertThatThrownBy(() -> get(QUERY + "trade")).isInstanceOf(IOException.class);
        simulator.clear(Fault.NOTICES_GONE);
        assertThat(page("trade")).isNotEmpty();
    }

    @Test
    void a_cache_gives_the_page_of_a_minute_ago_and_says_so() throws Exception {
        simulator.inject(Fault.NOTICES_STALE);
        String key = simulator.publish(SimulatedNotice.trade(LISTING)).key();
        clock.advance(Duration.ofSeconds(60));
        HttpResponse<String> old = get(QUERY + "trade");
        assertThat(old.body()).doesNotContain(key);
        assertThat(old.headers().firstValue("Cf-Cache-Status")).contains("HIT");
        assertThat(old.headers().firstValue("Age")).contains("60");
        clock.advance(Duration.ofSeconds(1));
        assertThat(get(QUERY + "trade").body()).contains(key);
    }

    @Test
    void a_page_can_be_in_another_order() throws Exception {
        simulator.inject(Fault.NOTICES_UNSORTED);
        assertThat(page("trade").stream().map(notice -> notice.path("id").asInt()))
                .isSorted();
    }

    @Test
    void faults_of_rest_do_not_befall_the_notices_and_the_list_of_markets_can_lose_nearly_all() throws Exception {
        simulator.inject(Fault.REST_403);
        assertThat(page("trade")).isNotEmpty();
        simulator.clear(Fault.REST_403);
        simulator.inject(Fault.MARKET_LIST_SHORT);
        URI rest = simulator.address(Simulator.KRW).rest();
        assertThat(Client.json(Client.get(rest, "/v1/market/all").body())).hasSize(3);
    }

    // ---- a coin is announced

    @Test
    void an_announcement_is_published_at_the_next_second_and_says_what_it_planted() throws Exception {
        try (Simulator both = Simulator.start(SimulatorOptions.builder()
                .markets(Simulator.KRW, SimulatorOptions.BINANCE_SPOT, SimulatorOptions.BINANCE_FUTURES)
                .rate(300)
                .instruments(4)
                .listing("SKYN")
                .seed(5)
                .clock(clock)
                .build())) {
            Announcement announcement = both.announce("SKYN");

            assertThat(announcement.t0()).isEqualTo("2026-11-20T10:00:01Z");
            assertThat(announcement.title()).isEqualTo("에스케이와이엔(SKYN) 신규 거래지원 안내 (KRW, BTC, USDT 마켓)");
            assertThat(announcement.planted())
                    .extracting(Announcement.Planted::symbol)
                    .containsOnly("SKYNUSDT");
            assertThat(announcement.planted())
                    .extracting(Announcement.Planted::market)
                    .containsExactlyInAnyOrder(SimulatorOptions.BINANCE_SPOT, SimulatorOptions.BINANCE_FUTURES);
            assertThat(announcement.planted())
                    .isSortedAccordingTo((one, other) -> one.delay().compareTo(other.delay()));
            clock.advance(Duration.ofMillis(750 + 699));
            assertThat(Client.get(http, both.noticesUrl(), QUERY + "trade").body())
                    .doesNotContain(announcement.notice());
            clock.advance(Duration.ofMillis(1));
            JsonNode newest = Client.json(
                            Client.get(http, both.noticesUrl(), QUERY + "trade").body())
                    .at("/data/notices/0");
            assertThat(newest.path("uuid").asText()).isEqualTo(announcement.notice());
            assertThat(newest.path("first_listed_at").asText()).isEqualTo("2026-11-20T19:00:01+09:00");
            assertThatThrownBy(() -> both.announce("NOSUCH")).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> both.openKrw("BTC")).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void a_coin_is_on_the_won_market_from_its_opening_on_and_asked_for_anew() throws Exception {
        try (Simulator both = Simulator.start(SimulatorOptions.builder()
                .markets(Simulator.KRW, SimulatorOptions.BINANCE_SPOT)
                .rate(600)
                .instruments(4)
                .listing("SKYN")
                .build())) {
            URI rest = both.address(Simulator.KRW).rest();
            assertThat(Client.get(http, rest, "/v1/market/all").body()).doesNotContain("SKYN");
            assertThat(Client.get(http, rest, "/v1/trades/ticks?market=KRW-SKYN")
                            .statusCode())
                    .isEqualTo(404);
            Client client = UpbitTest.open(both);
            String request = "[{'ticket':'t'},{'type':'trade','codes':['KRW-BTC','KRW-SKYN']}]";
            client.say(request);
            await().until(() -> client.frames.size() > 5);
            both.announce("SKYN");
            both.openKrw("SKYN");

            assertThat(Client.get(http, rest, "/v1/market/all").body())
                    .contains("{\"market\":\"KRW-SKYN\",\"korean_name\":\"에스케이와이엔\"");
            await().until(() -> both.report(Simulator.KRW).instruments().stream()
                    .anyMatch(one -> one.symbol().equals("KRW-SKYN") && one.produced() > 20)); // it opens with a tick
            assertThat(client.since(0)).noneMatch(frame -> frame.contains("KRW-SKYN"));
            client.say(request);
            await().until(() -> client.since(0).stream()
                            .filter(frame -> frame.contains("KRW-SKYN"))
                            .count()
                    > 10);
            assertThat(both.trades(Simulator.KRW, "KRW-SKYN")).isNotEmpty();
            client.close();
        }
    }
}
