package io.metdc.listings.watch;

import static io.metdc.listings.watch.NoticesServer.answer;
import static io.metdc.listings.watch.NoticesServer.notice;
import static io.metdc.listings.watch.NoticesServer.page;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.sun.net.httpserver.HttpExchange;
import io.metdc.connectors.Network;
import io.metdc.listings.Source;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

class NoticePollerTest {
    private static final String CRV = notice(6490, "커브(CRV) KRW, USDT 마켓 디지털 자산 추가", "2026-08-21T11:22:40+09:00");
    private static final Duration BACKOFF = Duration.ofMillis(300);
    private static final Duration INTERVAL = Duration.ofMillis(50);

    private final Heard heard = new Heard();
    private final List<AutoCloseable> open = new ArrayList<>();
    private volatile Duration ahead = Duration.ZERO;
    private final InstantSource clock = () -> Instant.now().plus(ahead);

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

    private NoticesServer server(NoticesServer.Answers answers) throws IOException {
        var server = new NoticesServer(answers);
        open.add(server);
        return server;
    }

    private NoticePoller poller(NoticePoller.Settings settings, SourceListener listener) throws Exception {
        var poller = new NoticePoller(settings, Network.DEFAULT, listener, clock);
        open.add(poller);
        return poller;
    }

    private NoticePoller started(NoticesServer... servers) throws Exception {
        NoticePoller poller = poller(
                settings(List.of(servers).stream().map(NoticesServer::list).toList()), heard);
        poller.start();
        return poller;
    }

    private static NoticePoller.Settings settings(List<URI> urls) {
        return new NoticePoller.Settings(
                urls,
                INTERVAL,
                Duration.ofSeconds(2),
                NoticePoller.Settings.BROWSER,
                List.of(BACKOFF, Duration.ofMillis(600)),
                Duration.ofMillis(120),
                Duration.ofMinutes(10));
    }

    /// As the documents say of ETags: 304 to who names the present one.
    private static void tagged(HttpExchange exchange, NoticesServer.Received received, String etag, String body)
            throws IOException {
        exchange.getResponseHeaders().set("ETag", etag);
        answer(
                exchange,
                received.header("If-none-match").equals(etag) ? 304 : 200,
                received.header("If-none-match").equals(etag) ? "" : body);
    }

    @Test
    void the_list_is_asked_for_as_a_browser_does() throws Exception {
        NoticesServer server = server((exchange, _) -> answer(exchange, 200, page(CRV)));
        started(server);

        await().until(() -> !heard.answers.isEmpty());

        NoticesServer.Received first = server.received.getFirst();
        assertThat(first.path()).isEqualTo("/api/v1/announcements");
        assertThat(first.query())
                .containsOnly(
                        Map.entry("os", "web"),
                        Map.entry("page", "1"),
                        Map.entry("per_page", "20"),
                        Map.entry("category", "trade"));
        assertThat(first.header("User-agent")).startsWith("Mozilla/5.0");
        assertThat(first.header("Accept")).isEqualTo("application/json");
        assertThat(first.header("Accept-language")).isEqualTo("ko-KR");
        assertThat(first.header("Accept-encoding")).isEqualTo("gzip");
        assertThat(first.headers()).doesNotContainKeys("Origin", "Referer");
    }

    @Test
    void a_page_is_told_with_every_notice_but_the_pinned_ones_and_with_its_times() throws Exception {
        CountDownLatch wait = new CountDownLatch(1);
        NoticesServer server = server((exchange, _) -> {
            wait.await();
            answer(exchange, 200, page(notice(6496, " 넥소(NEXO)  신규 거래지원 안내 ", "2026-08-21T19:19:25+09:00"), CRV));
        });
        Instant before = clock.instant();
        started(server);
        await().until(() -> !server.received.isEmpty());
        Instant sent = clock.instant();
        wait.countDown();

        await().until(() -> !heard.answers.isEmpty());

        Answer.Notices told = heard.all(Answer.Notices.class).getFirst();
        assertThat(told.notices())
                .containsExactly(
                        new Notice(
                                "900006496",
                                "6496",
                                " 넥소(NEXO)  신규 거래지원 안내 ",
                                "거래",
                                Instant.parse("2026-08-21T10:19:25Z"),
                                Instant.parse("2026-08-21T10:19:25Z"),
                                URI.create("https://upbit.com/service_center/notice?id=900006496")),
                        new Notice(
                                "900006490",
                                "6490",
                                "커브(CRV) KRW, USDT 마켓 디지털 자산 추가",
                                "거래",
                                Instant.parse("2026-08-21T02:22:40Z"),
                                Instant.parse("2026-08-21T02:22:40Z"),
                                URI.create("https://upbit.com/service_center/notice?id=900006490")));
        assertThat(told.wholePage()).isTrue();
        assertThat(told.source()).isEqualTo(Source.NOTICE_LIST);
        assertThat(told.host()).isEqualTo(server.list().getAuthority());
        assertThat(told.askedAt()).isBetween(before, sent);
        assertThat(told.receivedAt()).isAfterOrEqualTo(sent);
        assertThat(told.serverAt()).isCloseTo(sent, within(Duration.ofSeconds(2)));
    }

    @Test
    void notices_without_uuid_with_text_for_an_id_or_other_offsets_are_read() throws Exception {
        NoticesServer server = server((exchange, _) -> answer(
                exchange,
                200,
                page(
                        "{\"id\":5628,\"title\":\"A\",\"category\":\"거래\",\"first_listed_at\":\"2025-10-10T15:00:00+09:00\","
                                + "\"listed_at\":\"2025-10-10T15:00:00+09:00\"}",
                        "{\"id\":\"5629\",\"uuid\":null,\"title\":\"B\",\"first_listed_at\":\"2025-10-10T06:00:00Z\","
                                + "\"listed_at\":\"2025-10-10T06:00:00.5+0000\",\"new\":{\"a\":[1]}}",
                        "{\"uuid\":77,\"title\":\"C\",\"first_listed_at\":\"2025-10-10T07:00:00+01\"}")));
        started(server);

        await().until(() -> !heard.answers.isEmpty());

        List<Notice> notices = heard.all(Answer.Notices.class).getFirst().notices();
        assertThat(notices).extracting(Notice::key).containsExactly("5628", "5629", "77");
        assertThat(notices).extracting(Notice::firstListedAt).containsOnly(Instant.parse("2025-10-10T06:00:00Z"));
        assertThat(notices.getFirst().url()).hasToString("https://upbit.com/service_center/notice?id=5628");
    }

    @Test
    void a_notice_that_cannot_be_read_costs_no_other_and_is_named_once() throws Exception {
        NoticesServer server = server((exchange, _) -> answer(
                exchange,
                200,
                page(
                        "{\"id\":1,\"title\":null,\"first_listed_at\":\"2026-08-21T11:22:40+09:00\"}",
                        "{\"id\":2,\"title\":\"시각\",\"first_listed_at\":\"어제\"}",
                        "{\"title\":\"번호 없음\",\"first_listed_at\":\"2026-08-21T11:22:40+09:00\"}",
                        "{\"id\":\"../../etc\",\"title\":\"길\",\"first_listed_at\":\"2026-08-21T11:22:40+09:00\"}",
                        "null",
                        CRV)));
        started(server);

        await().until(() -> heard.answers.size() >= 3);

        assertThat(heard.notices()).extracting(Notice::id).containsOnly("6490");
        assertThat(heard.unreadable).hasSize(5);
        assertThat(heard.unreadable.get(0)).contains("notice 1").contains("no title");
        assertThat(heard.unreadable.get(1)).contains("2 시각").contains("어제");
        assertThat(heard.unreadable.get(2)).contains("번호 없음").contains("neither");
        assertThat(heard.failures).isEmpty();
    }

    @Test
    void what_did_not_change_is_told_as_unchanged_and_each_host_has_an_etag_of_its_own() throws Exception {
        var failing = new AtomicInteger();
        NoticesServer first = server((exchange, received) -> {
            if (failing.get() == 1) {
                answer(exchange, 500, "");
            } else {
                tagged(exchange, received, "W/\"one\"", page(CRV));
            }
        });
        NoticesServer second = server((exchange, received) -> tagged(exchange, received, "W/\"two\"", page(CRV)));
        started(first, second);

        await().until(() -> heard.all(Answer.Unchanged.class).size() >= 3);
        failing.set(1);
        await().until(() -> second.received.size() >= 3);
        failing.set(2);
        int before = first.received.size();
        await().until(() -> first.received.size() >= before + 2);

        assertThat(first.received.getFirst().headers()).doesNotContainKey("If-none-match");
        assertThat(second.received.getFirst().headers())
                .as("the other host's content was never seen")
                .doesNotContainKey("If-none-match");
        assertThat(first.received.get(1).header("If-none-match")).isEqualTo("W/\"one\"");
        assertThat(second.received.get(1).header("If-none-match")).isEqualTo("W/\"two\"");
        assertThat(first.received.get(before).headers())
                .as("after a failure the whole page is wanted")
                .doesNotContainKey("If-none-match");
        assertThat(heard.all(Answer.Notices.class)).hasSizeGreaterThanOrEqualTo(3);
    }

    @Test
    void an_etag_that_is_none_is_not_sent_back() throws Exception {
        NoticesServer server = server((exchange, _) -> {
            exchange.getResponseHeaders().set("ETag", "W/\"\u00e9\"");
            answer(exchange, 200, page(CRV));
        });
        started(server);

        await().until(() -> heard.answers.size() >= 3);

        assertThat(server.received).noneMatch(received -> received.headers().containsKey("If-none-match"));
    }

    @Test
    void a_copy_that_somebody_had_kept_says_what_was_so_when_it_was_made() throws Exception {
        NoticesServer server = server((exchange, received) -> {
            exchange.getResponseHeaders().set("Cf-Cache-Status", "HIT");
            exchange.getResponseHeaders().set("Age", "37");
            tagged(exchange, received, "W/\"old\"", page(CRV));
        });
        Instant before = clock.instant();
        started(server);

        await().until(() -> heard.all(Answer.Unchanged.class).size() >= 2);

        assertThat(heard.answers).allSatisfy(answer -> {
            assertThat(answer.askedAt().plusSeconds(37)).isBetween(before, answer.receivedAt());
            assertThat(answer.receivedAt()).isAfterOrEqualTo(before);
        });
        assertThat(heard.all(Answer.Notices.class).getFirst().serverAt()).isEqualTo(Instant.MIN);
        assertThat(heard.all(Answer.Unchanged.class).getFirst().serverAt()).isEqualTo(Instant.MIN);
    }

    @Test
    void a_title_that_is_too_long_is_told_so_that_a_person_can_look() throws Exception {
        String endless = "스카인(SKYN) 신규 거래지원 안내 (KRW 마켓) " + "가".repeat(20_000);
        String blanks = "스카인(SKYN)" + " ".repeat(20_000) + "신규 거래지원 안내 (KRW 마켓)";
        NoticesServer server = server((exchange, _) -> answer(
                exchange,
                200,
                page(notice(7, endless, "2026-08-21T11:22:40+09:00"), notice(8, blanks, "2026-08-21T11:22:40+09:00"))));
        started(server);

        await().until(() -> !heard.answers.isEmpty());

        List<Notice> told = heard.all(Answer.Notices.class).getFirst().notices();
        assertThat(told).extracting(Notice::id).containsExactly("7", "8");
        assertThat(told.getFirst().title()).hasSizeLessThan(5_000);
        assertThat(NoticeTitle.parse(told.getFirst().title()).unclear()).isTrue();
        assertThat(told.getLast().title()).isEqualTo("스카인(SKYN) 신규 거래지원 안내 (KRW 마켓)");
        assertThat(heard.unreadable).isEmpty();
    }

    @Test
    void a_packed_page_is_unpacked() throws Exception {
        NoticesServer server =
                server((exchange, _) -> NoticesServer.zipped(exchange, page(CRV).getBytes(StandardCharsets.UTF_8)));
        started(server);

        await().until(() -> !heard.answers.isEmpty());

        assertThat(heard.notices()).extracting(Notice::id).contains("6490");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            200 | <!DOCTYPE html><title>Just a moment...</title>              | no JSON
            403 | <html>Attention Required! Cloudflare</html>                 | answered 403
            503 | <html>Service Unavailable</html>                            | answered 503
            500 | ''                                                          | answered 500
            400 | {"success":false}                                           | answered 400
            301 | ''                                                          | answered 301
            304 | ''                                                          | answered 304
            200 | ''                                                          | data.notices
            200 | {"success":false,"error_message":"점검"}                     | success is false
            200 | {"success":false,"data":{"notices":[]}}                     | success is false
            200 | {"success":true,"data":{"list":[]}}                         | data.notices
            200 | {"success":true,"data":{"notices":{}}}                      | data.notices
            200 | {"success":true,"data":{"notices":[],"fixed_notices":[]}}   | page 1 is empty
            200 | []                                                          | data.notices
            200 | {"success":true,"data":{"notices":[                         | no JSON
            200 | {"success":true,"data":{"notices":[]}} and more             | no JSON
            200 | {"success":true,"data":{"notices":[{"titel":"A"},{}]}}      | none of 2
            """)
    void an_answer_without_notices_is_a_failure_and_the_other_host_is_asked_at_once(
            int status, String body, String what) throws Exception {
        NoticesServer failing = server((exchange, _) -> answer(exchange, status, body));
        NoticesServer other = server((exchange, _) -> answer(exchange, 200, page(CRV)));
        started(failing, other);

        await().until(() -> other.received.size() >= 3);

        assertThat(heard.failures).isNotEmpty().allSatisfy(failure -> {
            assertThat(failure.what()).contains(what);
            assertThat(failure.host()).isEqualTo(failing.list().getAuthority());
        });
        assertThat(heard.failures.getFirst().pause()).isEqualTo(status == 403 ? BACKOFF : INTERVAL);
        assertThat(heard.all(Answer.Notices.class))
                .isNotEmpty()
                .allMatch(answer -> answer.host().equals(other.list().getAuthority()));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void an_answer_without_end_is_given_up(boolean packed) throws Exception {
        NoticesServer failing = server((exchange, _) -> {
            if (packed) {
                NoticesServer.zipped(exchange, new byte[5 << 20]);
                return;
            }
            exchange.sendResponseHeaders(200, 0);
            byte[] much = new byte[64 << 10];
            for (int sent = 0; sent < 100 << 20; sent += much.length) {
                exchange.getResponseBody().write(much);
            }
        });
        started(failing);

        await().until(() -> !heard.failures.isEmpty());

        assertThat(heard.answers).isEmpty();
    }

    @Test
    void a_host_that_is_not_there_is_a_failure_and_the_other_is_asked() throws Exception {
        NoticesServer gone = server((exchange, _) -> answer(exchange, 200, page()));
        gone.close();
        NoticesServer other = server((exchange, _) -> answer(exchange, 200, page(CRV)));
        started(gone, other);

        await().until(() -> !heard.answers.isEmpty());

        assertThat(heard.failures.getFirst().host()).isEqualTo(gone.list().getAuthority());
    }

    private static NoticePoller.Settings withBackoff(URI url, Duration backoff) {
        NoticePoller.Settings quick = settings(List.of(url));
        return new NoticePoller.Settings(
                quick.urls(),
                quick.interval(),
                quick.timeout(),
                quick.userAgent(),
                List.of(backoff),
                quick.between(),
                quick.gap());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 502, 200})
    void one_bad_poll_costs_one_poll_and_nobody_is_left_alone_for_it(int status) throws Exception {
        var asked = new AtomicInteger();
        NoticesServer server = server((exchange, _) -> {
            int number = asked.incrementAndGet();
            if (number == 2 && status > 0) {
                answer(exchange, status, "<html>");
            } else if (status > 0 || (number != 2 && number != 3)) { // else it is cut, and the client's own retry too
                answer(exchange, 200, page(CRV));
            }
        });
        poller(withBackoff(server.list(), Duration.ofMinutes(1)), heard).start();

        await().until(() -> heard.answers.size() >= 3);

        assertThat(heard.failures)
                .singleElement()
                .extracting(Heard.Failed::pause)
                .isEqualTo(INTERVAL);
    }

    @Test
    void a_host_that_is_not_reached_is_asked_less_and_less_often_but_every_four_seconds_at_least() {
        assertThat(hiccups(200)).containsExactly(200L, 400L, 800L, 1_600L, 3_200L, 4_000L);
        assertThat(hiccups(2_000)).containsExactly(2_000L, 4_000L);
        assertThat(hiccups(60_000)).containsExactly(60_000L);
    }

    private static List<Long> hiccups(long intervalMillis) {
        return Pauses.hiccups(Duration.ofMillis(intervalMillis)).stream()
                .map(Duration::toMillis)
                .toList();
    }

    @Test
    void a_host_out_of_order_that_asks_for_much_time_is_given_a_minute() throws Exception {
        NoticesServer server = server((exchange, _) -> {
            exchange.getResponseHeaders().set("Retry-After", "86400");
            answer(exchange, 503, "");
        });
        started(server);

        await().until(() -> !heard.failures.isEmpty());

        assertThat(heard.failures.getFirst().pause()).isEqualTo(Duration.ofMinutes(1));
    }

    @Test
    void bad_polls_and_bad_rows_are_said_once_in_words_for_people() throws Exception {
        Logger logger = (Logger) LoggerFactory.getLogger("io.metdc");
        ListAppender<ILoggingEvent> logged = new ListAppender<>();
        logged.start();
        logger.addAppender(logged);
        try {
            NoticesServer refusing = server((exchange, _) -> answer(exchange, 429, ""));
            NoticesServer broken =
                    server((exchange, _) -> answer(exchange, 200, page("{\"id\":1,\"title\":null}", CRV)));
            NoticesServer failing = server((exchange, _) -> answer(exchange, 500, ""));
            started(refusing, failing, broken);
            await().until(() -> heard.answers.size() >= 3 && heard.failures.size() >= 4);
        } finally {
            logger.detachAppender(logged);
        }

        assertThat(List.copyOf(logged.list))
                .filteredOn(event -> event.getLevel().isGreaterOrEqual(Level.WARN))
                .extracting(ILoggingEvent::getFormattedMessage)
                .hasSize(3)
                .anySatisfy(line -> assertThat(line).contains("left alone for 0.3 s: answered 429"))
                .anySatisfy(line -> assertThat(line).contains("asked again in 0.05 s: answered 500"))
                .anySatisfy(line -> assertThat(line).contains("notice 1").contains("no title"));
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 418})
    void who_is_told_to_stay_away_stays_away_as_long_as_told(int status) throws Exception {
        NoticesServer server = server((exchange, _) -> {
            exchange.getResponseHeaders().set("Retry-After", "2");
            answer(exchange, status, "");
        });
        NoticePoller poller = started(server);
        await().until(() -> !heard.failures.isEmpty());
        poller.pollNow();

        await().until(() -> server.received.size() == 2);

        assertThat(heard.failures.getFirst().pause()).isEqualTo(Duration.ofSeconds(2));
        assertThat(server.received.get(1).atNanoTime() - server.received.get(0).atNanoTime())
                .isGreaterThanOrEqualTo(Duration.ofSeconds(2).toNanos());
    }

    @Test
    void a_date_to_come_back_at_is_understood_by_the_clock_of_the_server() throws Exception {
        ahead = Duration.ofHours(5); // ours is wrong
        NoticesServer server = server((exchange, _) -> {
            String date = DateTimeFormatter.RFC_1123_DATE_TIME.format(
                    Instant.now().plusSeconds(40).atOffset(ZoneOffset.UTC));
            exchange.getResponseHeaders().set("Retry-After", date);
            answer(exchange, 429, "");
        });
        started(server);

        await().until(() -> !heard.failures.isEmpty());

        assertThat(heard.failures.getFirst().pause()).isBetween(Duration.ofSeconds(39), Duration.ofSeconds(41));
    }

    @Test
    void without_a_word_of_it_the_pauses_grow_up_to_the_last() throws Exception {
        NoticesServer server = server((exchange, _) -> answer(exchange, 429, ""));
        started(server);

        await().until(() -> heard.failures.size() >= 3);

        assertThat(heard.failures.subList(0, 3))
                .extracting(Heard.Failed::pause)
                .containsExactly(BACKOFF, Duration.ofMillis(600), Duration.ofMillis(600));
        assertThat(server.received.get(1).atNanoTime() - server.received.get(0).atNanoTime())
                .isGreaterThanOrEqualTo(BACKOFF.toNanos());
        assertThat(server.received.get(2).atNanoTime() - server.received.get(1).atNanoTime())
                .isGreaterThanOrEqualTo(Duration.ofMillis(600).toNanos());
    }

    @Test
    void a_host_that_does_not_answer_does_not_blind_the_other() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        NoticesServer slow = server((_, _) -> never.await());
        NoticesServer other = server((exchange, _) -> answer(exchange, 200, page(CRV)));
        long start = System.nanoTime();
        started(slow, other);

        await().until(() -> other.received.size() >= 5);

        assertThat(System.nanoTime() - start)
                .as("long before the first host's time is up")
                .isLessThan(Duration.ofMillis(1500).toNanos());
        assertThat(slow.received).hasSize(1);
        await().until(() -> !heard.failures.isEmpty());
        assertThat(heard.failures.getFirst().what()).contains("no whole answer within");
        never.countDown();
    }

    @Test
    void a_host_that_recovers_is_the_first_again() throws Exception {
        var failing = new AtomicInteger(1);
        NoticesServer first = server((exchange, _) -> answer(exchange, failing.get() > 0 ? 502 : 200, page(CRV)));
        NoticesServer second = server((exchange, _) -> answer(exchange, 200, page(CRV)));
        started(first, second);
        await().until(() -> second.received.size() >= 2);
        failing.set(0);
        await().until(() -> first.received.size() >= 6);
        int before = second.received.size();

        int there = first.received.size();
        await().until(() -> first.received.size() >= there + 5);

        assertThat(second.received).hasSize(before);
    }

    @Test
    void the_interval_is_kept_from_start_to_start_and_never_two_are_under_way() throws Exception {
        NoticesServer server = server((exchange, _) -> {
            Thread.sleep(30); // an answer takes its time
            answer(exchange, 200, page(CRV));
        });
        NoticePoller.Settings quick = settings(List.of(server.list()));
        var settings = new NoticePoller.Settings(
                quick.urls(),
                Duration.ofMillis(100),
                quick.timeout(),
                quick.userAgent(),
                quick.backoff(),
                quick.between(),
                quick.gap());
        poller(settings, heard).start();

        await().until(() -> heard.answers.size() >= 18);

        List<Long> gaps = new ArrayList<>();
        for (int i = 3; i < heard.answers.size(); i++) { // the first ones load classes
            gaps.add(Duration.between(
                            heard.answers.get(i - 1).askedAt(),
                            heard.answers.get(i).askedAt())
                    .toMillis());
        }
        assertThat(gaps).allSatisfy(gap -> assertThat(gap).isGreaterThanOrEqualTo(65));
        assertThat(gaps.stream().mapToLong(Long::longValue).average().orElseThrow())
                .isBetween(85.0, 130.0);
        assertThat(gaps.stream().distinct().count()).as("jitter").isGreaterThan(3);
        assertThat(server.mostAtOnce).hasValue(1);
    }

    @Test
    void answers_slower_than_the_interval_are_waited_for() throws Exception {
        NoticesServer server = server((exchange, _) -> {
            Thread.sleep(150);
            answer(exchange, 200, page(CRV));
        });
        started(server);

        await().until(() -> server.received.size() >= 4);

        assertThat(server.mostAtOnce).hasValue(1);
    }

    private static List<Long> gapsMillis(NoticesServer server) {
        List<Long> gaps = new ArrayList<>();
        for (int i = 1; i < server.received.size(); i++) {
            gaps.add((server.received.get(i).atNanoTime()
                            - server.received.get(i - 1).atNanoTime())
                    / 1_000_000);
        }
        return gaps;
    }

    /// Notices 100, 99, … of which each page has two, one for each day back from the 20th.
    private static void history(HttpExchange exchange, NoticesServer.Received received) throws IOException {
        int page = Integer.parseInt(received.query().get("page"));
        String listedAt = "2026-08-%02dT12:00:00+09:00".formatted(21 - page);
        answer(exchange, 200, page(notice(102 - 2 * page, "가", listedAt), notice(101 - 2 * page, "나", listedAt)));
    }

    @Test
    void the_past_is_read_page_by_page_until_all_of_a_page_is_older() throws Exception {
        NoticesServer server = server(NoticePollerTest::history);
        NoticePoller poller = poller(settings(List.of(server.list())), heard);
        poller.catchUp(Instant.parse("2026-08-19T00:00:00Z"));
        poller.catchUp(Instant.parse("2026-08-17T00:00:00Z"));
        poller.start();

        await().until(() -> pages(server).contains("5"));
        int polled = server.received.size();
        await().until(() -> server.received.size() >= polled + 8);

        assertThat(pages(server)).containsExactly("2", "3", "4", "5");
        assertThat(server.received.getFirst().query().get("page")).isEqualTo("1");
        List<Answer.Notices> past = heard.all(Answer.Notices.class).stream()
                .filter(answer -> !answer.wholePage())
                .toList();
        assertThat(past)
                .flatExtracting(Answer.Notices::notices)
                .extracting(Notice::id)
                .containsExactly("98", "97", "96", "95", "94", "93", "92", "91");
        List<NoticesServer.Received> asked = server.received.stream()
                .filter(received -> !"1".equals(received.query().get("page")))
                .toList();
        for (int i = 1; i < asked.size(); i++) {
            assertThat(asked.get(i).atNanoTime() - asked.get(i - 1).atNanoTime())
                    .isGreaterThanOrEqualTo(Duration.ofMillis(80).toNanos());
        }
    }

    private static List<String> pages(NoticesServer server) {
        return server.received.stream()
                .map(received -> received.query().get("page"))
                .filter(page -> !"1".equals(page))
                .toList();
    }

    @Test
    void an_empty_page_of_the_past_is_its_end_and_no_failure() throws Exception {
        NoticesServer server = server((exchange, received) ->
                answer(exchange, 200, "1".equals(received.query().get("page")) ? page(CRV) : page()));
        NoticePoller poller = poller(settings(List.of(server.list())), heard);
        poller.catchUp(Instant.EPOCH);
        poller.start();

        await().until(() -> pages(server).contains("2"));
        int polled = server.received.size();
        await().until(() -> server.received.size() >= polled + 8);

        assertThat(pages(server)).containsExactly("2");
        assertThat(heard.failures).isEmpty();
    }

    @Test
    void a_past_without_end_is_left_after_twenty_pages() throws Exception {
        NoticesServer server = server((exchange, received) -> answer(
                exchange,
                200,
                page(notice(Integer.parseInt(received.query().get("page")), "가", "2026-08-20T12:00:00Z"))));
        NoticePoller.Settings quick = settings(List.of(server.list()));
        var settings = new NoticePoller.Settings(
                quick.urls(),
                Duration.ofMillis(5),
                quick.timeout(),
                "test",
                quick.backoff(),
                Duration.ofMillis(1),
                quick.gap());
        NoticePoller poller = poller(settings, heard);
        poller.catchUp(Instant.EPOCH);
        poller.start();

        await().until(() -> pages(server).contains("20"));
        int polled = server.received.size();
        await().until(() -> server.received.size() >= polled + 10);

        assertThat(pages(server)).hasSize(19).endsWith("20");
    }

    @Test
    void a_page_of_the_past_that_fails_is_asked_again_and_blinds_nobody_for_long() throws Exception {
        var failures = new AtomicInteger();
        NoticesServer server = server((exchange, received) -> {
            if ("3".equals(received.query().get("page")) && failures.incrementAndGet() <= 2) {
                answer(exchange, 429, "");
            } else {
                history(exchange, received);
            }
        });
        NoticePoller poller = started(server);
        poller.catchUp(Instant.parse("2026-08-17T00:00:00Z"));

        await().until(() -> pages(server).contains("5"));

        assertThat(pages(server)).containsExactly("2", "3", "3", "3", "4", "5");
    }

    @Test
    void a_past_that_is_asked_for_while_no_host_answers_is_read_when_one_does_again() throws Exception {
        var failing = new AtomicInteger(1);
        NoticesServer.Answers answers = (exchange, received) -> {
            if (failing.get() > 0) {
                answer(exchange, 503, "<html>");
            } else {
                history(exchange, received);
            }
        };
        NoticesServer first = server(answers);
        NoticesServer second = server(answers);
        NoticePoller.Settings slow = settings(List.of(first.list(), second.list()));
        var settings = new NoticePoller.Settings(
                slow.urls(),
                Duration.ofMillis(10),
                slow.timeout(),
                slow.userAgent(),
                List.of(Duration.ofMillis(20)),
                Duration.ofMillis(10),
                slow.gap());
        NoticePoller poller = poller(settings, heard);
        poller.catchUp(Instant.parse("2026-08-17T00:00:00Z"));
        poller.start();
        await().until(() -> heard.failures.size() >= 12);
        assertThat(pages(first)).isEmpty();
        failing.set(0);

        await().until(() -> pages(first).contains("5") || pages(second).contains("5"));
    }

    @Test
    void after_a_gap_the_past_is_read_without_being_asked() throws Exception {
        NoticesServer server = server((exchange, received) ->
                tagged(exchange, received, "W/\"same\"", page(notice(7, "가", "2026-08-20T12:00:00+09:00"))));
        started(server);
        await().until(() -> heard.all(Answer.Unchanged.class).size() >= 2);
        assertThat(pages(server)).isEmpty();

        ahead = Duration.ofMinutes(11);
        await().until(() -> pages(server).contains("2"));

        assertThat(heard.failures).isEmpty();
    }

    @Test
    void a_wish_is_polled_at_once_but_not_faster_than_hosts_bear() throws Exception {
        NoticesServer server = server((exchange, _) -> answer(exchange, 200, page(CRV)));
        NoticePoller poller = poller(NoticePoller.Settings.of(server.list(), null, Duration.ofMinutes(5)), heard);
        poller.start();
        await().until(() -> heard.answers.size() == 1);
        for (int i = 0; i < 200; i++) {
            poller.pollNow();
        }

        await().until(() -> heard.answers.size() == 2);

        assertThat(gapsMillis(server).getFirst()).isBetween(800L, 3000L);
    }

    @Test
    void a_listener_that_throws_stops_no_source() throws Exception {
        NoticesServer server = server((exchange, _) -> answer(exchange, 200, page(CRV)));
        var calls = new AtomicInteger();
        poller(settings(List.of(server.list())), new SourceListener() {
                    @Override
                    public void answered(Answer answer) {
                        calls.incrementAndGet();
                        throw new IllegalStateException("on purpose");
                    }

                    @Override
                    public void failed(Source source, String host, String what, Duration pause) {}
                })
                .start();

        await().until(() -> calls.get() >= 3);
    }

    @Test
    void closing_takes_no_longer_than_a_moment_and_nothing_is_told_afterwards() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        NoticesServer server = server((_, _) -> never.await());
        NoticePoller poller = started(server);
        await().until(() -> !server.received.isEmpty());

        long start = System.nanoTime();
        poller.close();

        assertThat(System.nanoTime() - start).isLessThan(Duration.ofMillis(500).toNanos());
        never.countDown();
        assertThat(heard.answers).isEmpty();
        assertThat(heard.failures).isEmpty();
    }

    @Test
    void the_defaults_are_those_of_the_documents() {
        URI one = URI.create("https://one.example/list");
        URI two = URI.create("https://two.example/list");

        NoticePoller.Settings settings = NoticePoller.Settings.of(one, two, Duration.ofSeconds(2));

        assertThat(settings.urls()).containsExactly(one, two);
        assertThat(settings.timeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(settings.backoff()).extracting(Duration::toSeconds).containsExactly(10L, 20L, 40L, 60L);
        assertThat(settings.between()).isEqualTo(Duration.ofSeconds(3));
        assertThat(settings.gap()).isEqualTo(Duration.ofMinutes(10));
        assertThat(NoticePoller.Settings.of(one, null, Duration.ofSeconds(2)).urls())
                .containsExactly(one);
    }
}
