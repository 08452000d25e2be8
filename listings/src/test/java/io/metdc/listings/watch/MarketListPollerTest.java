package io.metdc.listings.watch;

import static io.metdc.listings.watch.NoticesServer.answer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.metdc.connectors.Network;
import io.metdc.listings.Source;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

class MarketListPollerTest {
    @TempDir
    private Path folder;

    private final Heard heard = new Heard();
    private final List<AutoCloseable> open = new ArrayList<>();
    private volatile String list = markets("KRW-BTC", "KRW-USDT", "KRW-0G", "KRW-W", "BTC-CRV", "USDT-CRV");

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

    private static String markets(String... markets) {
        return Arrays.stream(markets)
                .map(market -> "{\"market\":\"" + market + "\",\"korean_name\":\"이름\",\"english_name\":\"Name\","
                        + "\"market_event\":{\"warning\":false,\"caution\":{\"PRICE_FLUCTUATIONS\":true}}}")
                .collect(Collectors.joining(",", "[", "]"));
    }

    private NoticesServer server(NoticesServer.Answers answers) throws IOException {
        var server = new NoticesServer(answers);
        open.add(server);
        return server;
    }

    private MarketListPoller started(URI restUrl, int atLeast) throws Exception {
        var poller = new MarketListPoller(
                new MarketListPoller.Settings(restUrl, Duration.ofMillis(60), Duration.ofSeconds(2), atLeast, file()),
                Network.DEFAULT,
                heard,
                InstantSource.system());
        open.add(poller);
        poller.start();
        return poller;
    }

    private Path file() {
        return folder.resolve("state").resolve("krw-markets.json");
    }

    @Test
    void the_coins_with_a_market_in_won_are_told_by_their_base() throws Exception {
        NoticesServer server = server((exchange, _) -> answer(exchange, 200, list));
        started(server.base().resolve("/base/"), 5);

        await().until(() -> heard.answers.size() >= 2);

        Answer.KrwMarkets told = heard.all(Answer.KrwMarkets.class).getFirst();
        assertThat(told.coins()).containsExactlyInAnyOrder("BTC", "USDT", "0G", "W");
        assertThat(told.source()).isEqualTo(Source.MARKET_LIST);
        assertThat(told.askedAt()).isBeforeOrEqualTo(told.receivedAt());
        NoticesServer.Received asked = server.received.getFirst();
        assertThat(asked.path()).isEqualTo("/base/v1/market/all");
        assertThat(asked.query()).containsExactly(Map.entry("is_details", "true"));
        assertThat(asked.headers()).doesNotContainKey("Origin");
        assertThat(server.received.get(1).atNanoTime() - asked.atNanoTime())
                .isGreaterThanOrEqualTo(Duration.ofMillis(30).toNanos());
    }

    @Test
    void a_copy_that_somebody_had_kept_says_what_was_so_when_it_was_made() throws Exception {
        NoticesServer server = server((exchange, _) -> {
            exchange.getResponseHeaders().set("Age", "37");
            answer(exchange, 200, list);
        });
        Instant before = Instant.now();
        started(server.base(), 5);

        await().until(() -> !heard.answers.isEmpty());

        assertThat(heard.answers.getFirst().askedAt().plusSeconds(37)).isBetween(before, Instant.now());
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "{}", "<html>", "", "[{\"market\":\"KRW-BTC\"},{\"market\":\"KRW-ETH\"}]"})
    void an_answer_that_cannot_be_the_whole_list_is_refused(String answer) throws Exception {
        NoticesServer server = server((exchange, _) -> answer(exchange, 200, answer));
        started(server.base(), 5);

        await().until(() -> !heard.failures.isEmpty());

        assertThat(heard.answers).isEmpty();
        assertThat(file()).doesNotExist();
    }

    @Test
    void a_list_with_less_than_half_of_the_coins_makes_no_coin_new() throws Exception {
        NoticesServer server = server((exchange, _) -> answer(exchange, 200, list));
        started(server.base(), 2);
        await().until(() -> !heard.answers.isEmpty());
        list = markets("KRW-BTC", "BTC-CRV", "BTC-ETH", "BTC-W", "BTC-0G");

        await().until(() -> !heard.failures.isEmpty());

        assertThat(heard.failures.getFirst().what()).contains("1 KRW markets").contains("4");
        assertThat(heard.all(Answer.KrwMarkets.class))
                .allMatch(told -> told.coins().size() == 4);
    }

    @Test
    void a_row_that_is_no_market_costs_no_other_and_is_named_once() throws Exception {
        list = list.replace("[{", "[null,{\"market\":\"KRW-../../x\"},{\"market\":5},{");
        NoticesServer server = server((exchange, _) -> answer(exchange, 200, list));
        started(server.base(), 5);

        await().until(() -> heard.answers.size() >= 3);

        assertThat(heard.unreadable).hasSize(3);
        assertThat(heard.all(Answer.KrwMarkets.class).getFirst().coins()).hasSize(4);
    }

    @Test
    void the_last_good_list_is_told_at_the_next_start_though_nobody_answers() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        var silent = new AtomicBoolean();
        NoticesServer server = server((exchange, _) -> {
            if (silent.get()) {
                never.await();
            }
            answer(exchange, 200, list);
        });
        MarketListPoller first = started(server.base(), 5);
        await().until(() -> Files.exists(file()));
        first.close();
        Answer.KrwMarkets kept = heard.all(Answer.KrwMarkets.class).getFirst();
        heard.answers.clear();
        silent.set(true);

        started(server.base(), 5);

        await().until(() -> !heard.answers.isEmpty());
        assertThat(heard.answers).containsExactly(kept);
        try (var files = Files.list(file().getParent())) {
            assertThat(files).containsExactly(file());
        }
        never.countDown();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "not json",
                "{}",
                "{\"rest_url\":\"http://elsewhere.example\",\"asked_at\":\"2026-01-01T00:00:00Z\","
                        + "\"received_at\":\"2026-01-01T00:00:00Z\",\"coins\":[\"EVIL\"]}"
            })
    void a_kept_list_that_is_broken_or_of_another_exchange_is_left_aside(String kept) throws Exception {
        Files.createDirectories(file().getParent());
        Files.writeString(file(), kept);
        NoticesServer server = server((exchange, _) -> answer(exchange, 200, list));
        started(server.base(), 5);

        await().until(() -> !heard.answers.isEmpty());

        assertThat(heard.all(Answer.KrwMarkets.class).getFirst().coins())
                .contains("0G")
                .doesNotContain("EVIL");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            418 | 7  | {}                                                                              | 7
            418 | '' | {"error":{"message":"You have been temporarily blocked for 60 seconds."}}       | 60
            418 | '' | {"error":{"message":"5분 동안 차단되었습니다"}}                                  | 300
            418 | '' | {}                                                                              | 120
            429 | 3  | {}                                                                              | 3
            500 | '' | <html>                                                                          | 0.06
            503 | 30 | <html>                                                                          | 30
            503 | 90 | <html>                                                                          | 60
            403 | '' | <html>                                                                          | 10
            """)
    void who_is_told_to_stay_away_stays_away_as_long_as_told(int status, String header, String body, BigDecimal seconds)
            throws Exception {
        NoticesServer server = server((exchange, _) -> {
            if (!header.isEmpty()) {
                exchange.getResponseHeaders().set("Retry-After", header);
            }
            answer(exchange, status, body);
        });
        started(server.base(), 5);

        await().until(() -> !heard.failures.isEmpty());

        assertThat(heard.failures.getFirst().pause())
                .isEqualTo(Duration.ofMillis(seconds.movePointRight(3).longValueExact()));
    }

    @Test
    void a_connection_that_is_cut_costs_one_poll_and_is_said_in_words_for_people() throws Exception {
        Logger logger = (Logger) LoggerFactory.getLogger(MarketListPoller.class);
        ListAppender<ILoggingEvent> logged = new ListAppender<>();
        logged.start();
        logger.addAppender(logged);
        try {
            var asked = new AtomicInteger();
            NoticesServer server = server((exchange, _) -> {
                int number = asked.incrementAndGet();
                if (number != 2 && number != 3) { // else it is cut, and the client's own retry too
                    answer(exchange, 200, list);
                }
            });
            started(server.base(), 5);
            await().until(() -> heard.answers.size() >= 3);
        } finally {
            logger.detachAppender(logged);
        }

        assertThat(heard.failures)
                .singleElement()
                .satisfies(failure -> assertThat(failure.pause()).isEqualTo(Duration.ofMillis(60)));
        assertThat(List.copyOf(logged.list))
                .extracting(ILoggingEvent::getFormattedMessage)
                .first()
                .asString()
                .contains("0.06 s")
                .doesNotContain("PT");
    }

    @Test
    void what_is_left_of_a_list_that_could_not_be_kept_is_no_second_file() throws Exception {
        Files.createDirectories(file()); // where the file has to go
        Files.writeString(file().resolve("in the way"), "");
        NoticesServer server = server((exchange, _) -> answer(exchange, 200, list));
        MarketListPoller poller = started(server.base(), 5);
        await().until(() -> heard.answers.size() >= 3);
        poller.close();

        try (var files = Files.list(file().getParent())) {
            assertThat(files).containsExactly(file());
        }
    }

    @Test
    void too_many_in_this_second_means_the_next_second() throws Exception {
        List<Instant> asked = new CopyOnWriteArrayList<>();
        NoticesServer server = server((exchange, _) -> {
            asked.add(Instant.now());
            answer(exchange, asked.size() == 1 ? 429 : 200, list);
        });
        started(server.base(), 5);

        await().until(() -> asked.size() >= 2);

        assertThat(heard.failures.getFirst().pause()).isBetween(Duration.ofMillis(1), Duration.ofMillis(1005));
        assertThat(asked.get(1).getEpochSecond()).isGreaterThan(asked.get(0).getEpochSecond());
    }

    @Test
    void when_this_second_is_used_up_the_next_one_is_waited_for() throws Exception {
        NoticesServer server = server((exchange, _) -> {
            exchange.getResponseHeaders().set("Remaining-Req", "group=market; min=0; sec=0");
            answer(exchange, 200, list);
        });
        started(server.base(), 5);

        await().until(() -> heard.answers.size() >= 3);

        List<Answer.KrwMarkets> told = heard.all(Answer.KrwMarkets.class);
        for (int i = 1; i < told.size(); i++) {
            assertThat(told.get(i).askedAt().getEpochSecond())
                    .isGreaterThan(told.get(i - 1).receivedAt().getEpochSecond());
        }
    }

    @Test
    void closing_takes_no_longer_than_a_moment() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        NoticesServer server = server((_, _) -> never.await());
        MarketListPoller poller = started(server.base(), 5);
        await().until(() -> !server.received.isEmpty());

        long start = System.nanoTime();
        poller.close();

        assertThat(System.nanoTime() - start).isLessThan(Duration.ofMillis(500).toNanos());
        assertThat(heard.failures).isEmpty();
        never.countDown();
    }
}
