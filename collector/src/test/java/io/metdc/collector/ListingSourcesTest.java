package io.metdc.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.metdc.collector.config.Configuration;
import io.metdc.collector.config.Settings;
import io.metdc.connectors.Connectors;
import io.metdc.connectors.Network;
import io.metdc.listings.Listing;
import io.metdc.listings.recorder.Collecting;
import io.metdc.listings.recorder.Offer;
import io.metdc.listings.recorder.Recorder;
import io.metdc.listings.watch.NoticeTitle;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.simulator.Fault;
import io.metdc.simulator.SimulatedNotice;
import io.metdc.simulator.Simulator;
import io.metdc.simulator.SimulatorOptions;
import io.metdc.storage.Database;
import io.metdc.symbols.Filter;
import io.metdc.symbols.Universe;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/// What fires while sources of announcements fail one after the other, and who is told. There is no database in all of
/// it, and nothing here needs one.
@Timeout(60)
class ListingSourcesTest {
    @TempDir
    private Path folder;

    private final List<ILoggingEvent> said = new CopyOnWriteArrayList<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger("io.metdc.listings.watch");
    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            said.add(event);
        }
    };
    private volatile Duration ahead = Duration.ZERO;
    private Simulator simulator;
    private WebhookReceiver webhook;
    private Listings listings;

    /// A collector that collects nothing.
    private static final class NothingCollected implements Collecting {
        @Override
        public Map<Market, Offer> offers() {
            return Map.of();
        }

        @Override
        public boolean isStored(Instant receivedBefore) {
            return false;
        }

        @Override
        public Optional<Database> storage() {
            return Optional.empty();
        }

        @Override
        public void collect(String holder, Instrument instrument) {}

        @Override
        public void release(String holder, Instrument instrument) {}
    }

    /// A body is asked for ten seconds after the last one at the earliest.
    @BeforeAll
    static void waitLonger() {
        Awaitility.setDefaultTimeout(Duration.ofSeconds(60));
    }

    @BeforeEach
    void begin() throws Exception {
        appender.start();
        logger.addAppender(appender);
        simulator = Simulator.start(SimulatorOptions.builder()
                .markets(Listed.KRW)
                .rate(10)
                .instruments(6)
                .listing("SKYN", "OTHR")
                .restWeight(1_000)
                .build());
        webhook = new WebhookReceiver();
    }

    private void start(String... more) throws Exception {
        Path file = Files.writeString(folder.resolve("metdc.yaml"), simulator.configuration());
        List<Configuration.Option> options = Stream.concat(
                        Stream.of(Listed.settings(webhook, "data_directory=" + folder.resolve("data"))),
                        Stream.of(more))
                .map(setting -> new Configuration.Option("test", setting))
                .toList();
        Settings settings = Configuration.load(
                        new Configuration.Sources(file, options, Map.of(), folder, folder), Connectors.all())
                .settings();
        listings = Listings.start(
                settings,
                Network.DEFAULT,
                new NothingCollected(),
                new Universe(Filter.DEFAULT, Instant::now, (_, _) -> {}),
                "test",
                () -> Instant.now().plus(ahead));
        await().until(() -> Files.exists(folder.resolve("data/instruments/upbit-krw.json")));
    }

    private void awaitFirstPage() {
        await().until(() -> Files.exists(folder.resolve("data/notices.json")));
    }

    @AfterEach
    void end() {
        if (listings != null) {
            listings.close();
        }
        webhook.close();
        simulator.close();
        logger.detachAppender(appender);
    }

    private List<String> warnings() {
        return said.stream()
                .filter(event -> event.getLevel().isGreaterOrEqual(Level.WARN))
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    @Test
    void web_pages_in_place_of_the_list_are_a_failure_for_a_minute_an_alarm_and_what_was_announced_meanwhile_fires()
            throws Exception {
        start();
        awaitFirstPage();
        simulator.inject(Fault.NOTICES_HTML);
        await().until(() -> warnings().stream().anyMatch(text -> text.contains("list of notices")));
        Instant announced = simulator.publish(SimulatedNotice.listing("SKYN")).firstListedAt();
        assertThat(webhook.of("blind")).isEmpty();

        ahead = Duration.ofSeconds(61);
        await().until(() -> !webhook.of("blind").isEmpty());
        simulator.openKrw("OTHR"); // of which no notice tells
        await().until(() ->
                Files.readString(folder.resolve("data/notices.json")).contains("\"OTHR\""));
        ahead = Duration.ofSeconds(75);
        await().until(() -> !webhook.of("listing").isEmpty());
        assertThat(webhook.of("listing", "OTHR"))
                .singleElement()
                .satisfies(alert -> assertThat(alert.text("source")).isEqualTo("market_list"));
        assertThat(webhook.of("listing", "SKYN")).isEmpty();
        simulator.clear(Fault.NOTICES_HTML);
        await().atMost(Duration.ofSeconds(30))
                .until(() -> !webhook.of("listing", "SKYN").isEmpty()
                        && !webhook.of("sighted").isEmpty());

        assertThat(webhook.of("blind")).hasSize(1);
        assertThat(webhook.of("sighted"))
                .singleElement()
                .satisfies(alert -> assertThat(Duration.between(
                                Instant.parse(alert.text("since")), Instant.parse(alert.text("until"))))
                        .isGreaterThan(Duration.ofSeconds(60)));
        assertThat(webhook.of("listing", "SKYN")).singleElement().satisfies(alert -> {
            assertThat(Instant.parse(alert.text("announced_at"))).isEqualTo(announced);
            assertThat(alert.body().path("late").asBoolean(true)).isFalse();
        });
        assertThat(warnings().stream().filter(text -> text.contains("list of notices")))
                .as("said once, and not every few seconds")
                .hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"version":2} | newer metdc
            {"version":   | damaged
            """)
    void a_state_that_cannot_be_used_is_kept_and_told_of_and_the_watch_goes_on_without(String state, String why)
            throws Exception {
        Path file = folder.resolve("data/notices.json");
        Files.createDirectories(file.getParent());
        Files.writeString(file, state);
        start();
        await().until(() -> webhook.of("forgotten").size() == 1);
        awaitFirstPage();
        simulator.publish(SimulatedNotice.listing("SKYN"));
        await().until(() -> !webhook.of("listing", "SKYN").isEmpty());

        String text = webhook.of("forgotten").getFirst().text("text");
        assertThat(text).contains(why, "half an hour", "metdc listing record").doesNotContain("move it away");
        String aside = text.replaceAll("(?s).*set aside as (\\S+),.*", "$1");
        assertThat(file.resolveSibling(aside)).hasContent(state);
    }

    @Test
    void while_the_list_is_gone_a_push_fires_and_the_list_does_not_once_more_when_it_is_back() throws Exception {
        start(Listed.socket(simulator));
        awaitFirstPage();
        simulator.inject(Fault.NOTICES_GONE);
        await().until(() -> warnings().stream().anyMatch(text -> text.contains("list of notices")));
        simulator.publish(SimulatedNotice.listing("SKYN"));
        await().atMost(Duration.ofSeconds(3))
                .until(() -> !webhook.of("listing", "SKYN").isEmpty());
        simulator.clear(Fault.NOTICES_GONE);
        await().atMost(Duration.ofSeconds(30))
                .until(() ->
                        Files.readString(folder.resolve("data/notices.json")).contains("\"notice_list\""));

        assertThat(webhook.of("listing"))
                .singleElement()
                .satisfies(alert -> assertThat(alert.text("source")).isEqualTo("notice_socket"));
        assertThat(webhook.of("blind")).isEmpty();
    }

    @Test
    void where_no_notices_are_watched_the_market_list_fires() throws Exception {
        start("upbit.notices_enabled=false");
        Instant opened = simulator.openKrw("SKYN");
        await().until(() -> !webhook.of("listing").isEmpty());
        ahead = Duration.ofMinutes(2);
        await().pollDelay(Duration.ofMillis(1_500)).until(() -> true);

        assertThat(webhook.of("listing")).singleElement().satisfies(alert -> {
            assertThat(alert.text("source")).isEqualTo("market_list");
            assertThat(alert.text("coin")).isEqualTo("SKYN");
            assertThat(Instant.parse(alert.text("seen_at"))).isBetween(opened.minusMillis(1), opened.plusSeconds(3));
        });
        assertThat(webhook.of("blind")).as("nobody looks").isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_title_that_says_more_than_the_body_is_corrected_by_it_and_its_listing_is_not_lost(boolean isPushed)
            throws Exception {
        start(isPushed ? Listed.socket(simulator) : new String[0]);
        awaitFirstPage();
        Instant opensAt = Instant.now().plus(Duration.ofHours(2)).truncatedTo(ChronoUnit.MINUTES);
        simulator.publish(
                SimulatedNotice.listing("SKYN", "OTHR").opening(opensAt).butInItsTable("OTHR", "BTC", "USDT"));
        await().until(() -> webhook.of("corrected").size() == 1);
        await().until(() -> listings.status().stream().allMatch(recording -> opensAt.equals(recording.opensAt())));

        assertThat(webhook.of("listing"))
                .extracting(alert -> alert.text("coin"))
                .containsExactlyInAnyOrder("SKYN", "OTHR");
        assertThat(webhook.of("corrected")).singleElement().satisfies(alert -> {
            assertThat(alert.text("coin")).isEqualTo("OTHR");
            assertThat(alert.body().path("is_krw_listing").asBoolean(true)).isFalse();
            assertThat(alert.body().path("markets").toString()).isEqualTo("[\"BTC\",\"USDT\"]");
        });
        assertThat(listings.status())
                .extracting(Recorder.Status::listing)
                .extracting(Listing::coin, Listing::markets, Listing::isKrw)
                .containsExactly(
                        tuple("SKYN", List.of("KRW", "BTC", "USDT"), true),
                        tuple("OTHR", List.of("BTC", "USDT"), false));
        assertThat(warnings())
                .filteredOn(text -> text.contains("listing corrected"))
                .hasSize(1);
    }

    @Test
    void a_coin_that_is_cancelled_stays_so_whatever_opening_the_body_has_for_all() throws Exception {
        start();
        awaitFirstPage();
        Instant opensAt = Instant.now().plus(Duration.ofHours(2)).truncatedTo(ChronoUnit.MINUTES);
        Instant movedTo = opensAt.plus(Duration.ofHours(1));
        SimulatedNotice both = SimulatedNotice.listing("OTHR", "SKYN").opening(opensAt);
        String key = simulator.publish(both).key();
        await().until(() -> listings.status().size() == 2
                && listings.status().stream().allMatch(recording -> opensAt.equals(recording.opensAt())));
        simulator.amend(key, both.title() + " (OTHR 거래지원 취소 안내)", movedTo);
        await().until(() -> movedTo.equals(recording("SKYN").opensAt())); // the last one of the notice

        assertThat(recording("OTHR").opensAt()).isEqualTo(opensAt);
        await().untilAsserted(() -> assertThat(kind("OTHR")).isEqualTo("cancelled"));
        assertThat(kind("SKYN")).isEqualTo("listing");
    }

    private Recorder.Status recording(String coin) {
        return listings.status().stream()
                .filter(recording -> recording.listing().coin().equals(coin))
                .findFirst()
                .orElseThrow();
    }

    private String kind(String coin) throws Exception {
        Path file =
                folder.resolve("data/recordings/" + recording(coin).listing().id() + ".json");
        return new ObjectMapper().readTree(file.toFile()).path("kind").asText();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            가(AAA), 나(BBB) 신규 거래지원 안내 (KRW 마켓)                                 | listing   | listing
            가(AAA), 나(BBB) 신규 거래지원 안내 (KRW 마켓) (거래지원 개시 시점 변경 안내)     | postponed | postponed
            가(AAA), 나(BBB) 신규 거래지원 안내 (KRW 마켓) (나(BBB) 거래지원 취소 안내)       | listing   | cancelled
            가(AAA), 나(BBB) 신규 거래지원 안내 (KRW 마켓) (거래지원 취소 안내)              | cancelled | cancelled
            가(AAA) 거래지원 종료 안내                                                  | cancelled | cancelled
            Market Support for Something                                              |           |
            """)
    void a_recording_is_of_a_listing_that_comes_is_put_off_or_is_cancelled_and_of_nothing_else(
            String title, String ofAaa, String ofBbb) {
        NoticeTitle read = NoticeTitle.parse(title);

        assertThat(Listings.kind(read, "AAA")).isEqualTo(Optional.ofNullable(ofAaa));
        assertThat(Listings.kind(read, "BBB")).isEqualTo(Optional.ofNullable(ofBbb));
    }

    @Test
    void a_notice_that_nobody_can_read_is_for_a_person_and_once_only() throws Exception {
        HttpServer list = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        var asked = new AtomicInteger();
        list.createContext("/", exchange -> {
            try (exchange) {
                asked.incrementAndGet();
                byte[] page = """
                        {"success":true,"data":{"notices":[
                        {"uuid":"9","title":null,"first_listed_at":"2026-08-21T11:22:40+09:00"},
                        {"uuid":"8","title":"점검 안내","first_listed_at":"2026-08-21T11:22:40+09:00"}]}}
                        """.getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(200, page.length);
                exchange.getResponseBody().write(page);
            }
        });
        list.start();
        try {
            start("upbit.notices_url=http://127.0.0.1:" + list.getAddress().getPort() + "/api/v1/announcements");
            await().until(() -> asked.get() >= 3 && !webhook.of("unreadable").isEmpty());
        } finally {
            list.stop(0);
        }

        assertThat(webhook.of("unreadable"))
                .singleElement()
                .satisfies(alert ->
                        assertThat(alert.text("text")).contains("notice 9", "no title", "metdc listing record"));
    }

    @Test
    void without_a_database_everybody_is_told_within_a_second_and_the_recording_waits() throws Exception {
        start();
        awaitFirstPage();
        simulator.publish(SimulatedNotice.listing("SKYN", "OTHR"));
        await().until(() -> webhook.of("listing").size() == 2);

        for (WebhookReceiver.Alert alert : webhook.of("listing")) {
            assertThat(Duration.between(Instant.parse(alert.text("seen_at")), alert.at()))
                    .isLessThan(Duration.ofSeconds(1));
        }
        await().until(() -> listings.status().stream()
                .allMatch(recording -> String.valueOf(recording.trouble()).contains("no database")));
        assertThat(listings.status()).hasSize(2);
    }
}
