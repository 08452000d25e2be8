package io.metdc.listings.recorder;

import static io.metdc.listings.recorder.Invented.ON_BINANCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.metdc.listings.Contract;
import io.metdc.listings.Listing;
import io.metdc.listings.Sighting;
import io.metdc.listings.Source;
import io.metdc.listings.recorder.Windows.Reach;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.Nanos;
import io.metdc.market.Origin;
import io.metdc.market.TakerSide;
import io.metdc.market.Trade;
import io.metdc.market.TradeId;
import io.metdc.storage.Database;
import io.metdc.symbols.Aliases;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A listing of just now with windows of seconds, and a database that may be away.
@Timeout(30)
class RecorderTest {
    @TempDir
    private Path folder;

    /// Announced so that all windows but the last are over; that one is over when a test says so.
    private final Instant t0 = Instant.now().truncatedTo(ChronoUnit.SECONDS).minusSeconds(60);
    private volatile Duration ahead = Duration.ZERO;

    private final Windows windows = new Windows(reach(10), reach(20), reach(30), reach(10), reach(3_600));
    private final Collected collecting = new Collected();
    private final List<String> published = new CopyOnWriteArrayList<>();
    private final List<Recorder> recorders = new ArrayList<>();

    private static Reach reach(long seconds) {
        return new Reach(Duration.ofSeconds(seconds), Duration.ofSeconds(seconds));
    }

    /// The collector's part.
    private static final class Collected implements Collecting {
        final List<String> calls = new CopyOnWriteArrayList<>();
        volatile boolean isStored = true;
        volatile boolean isThere = true;
        final AtomicInteger failures = new AtomicInteger();
        final CountDownLatch asked = new CountDownLatch(1);
        volatile CountDownLatch answers = new CountDownLatch(0);

        @Override
        public Map<Market, Offer> offers() {
            return Invented.offers(ON_BINANCE);
        }

        @Override
        public boolean isStored(Instant receivedBefore) {
            return isStored;
        }

        @Override
        public Optional<Database> storage() {
            asked.countDown();
            try {
                answers.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException("swallowed", e);
            }
            return isThere ? Optional.of(TestDatabase.DATABASE) : Optional.empty();
        }

        @Override
        public void collect(String holder, Instrument instrument) {
            if (failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                throw new IllegalStateException("there is no connection yet");
            }
            calls.add("+" + instrument.symbol() + " for " + holder);
        }

        @Override
        public void release(String holder, Instrument instrument) {
            calls.add("-" + instrument.symbol() + " for " + holder);
        }
    }

    @BeforeEach
    void a_fresh_tape() throws Exception {
        TestDatabase.empty();
        List<Trade> trades = new ArrayList<>();
        for (int i = -40; i < 40; i++) {
            trades.add(new Trade(
                    ON_BINANCE,
                    TradeId.of(1_000 + i),
                    new BigDecimal("1.20"),
                    new BigDecimal("2.5"),
                    TakerSide.BUY,
                    Nanos.of(t0.plusSeconds(i)),
                    Nanos.of(t0.plusSeconds(i).plusMillis(20)),
                    1_000 + i,
                    Origin.STREAM,
                    Set.of()));
        }
        TestDatabase.store(trades);
    }

    @AfterEach
    void end() {
        recorders.forEach(Recorder::close);
    }

    private Instant now() {
        return Instant.now().plus(ahead);
    }

    private Recorder recorder() {
        Archive archive = new Archive(folder.resolve("listings"), this::now);
        Publisher publisher =
                new Publisher(archive, collecting, windows, Aliases.NONE, Optional::empty, "test", "c0ffee", this::now);
        Recorder recorder = new Recorder(
                folder.resolve("recordings"),
                windows,
                collecting,
                publisher,
                (listing, stage, _) -> published.add(listing.id() + " " + stage),
                this::now);
        recorders.add(recorder);
        return recorder;
    }

    private Listing listing(String notice, Instant announcedAt) {
        return new Listing(
                notice,
                "SKYN",
                List.of("KRW"),
                "스카이(SKYN) 신규 거래지원 안내 (KRW 마켓)",
                "거래",
                null,
                announcedAt,
                announcedAt.plusMillis(900),
                false,
                List.of(new Sighting(Source.NOTICE_LIST, announcedAt, announcedAt.plusMillis(800))));
    }

    private List<String> stages(Listing listing, Stage... stages) {
        return Stream.of(stages).map(stage -> listing.id() + " " + stage).toList();
    }

    private JsonNode metadata(Listing listing) throws Exception {
        return new ObjectMapper()
                .readTree(folder.resolve("listings")
                        .resolve(listing.id())
                        .resolve("metadata.json")
                        .toFile());
    }

    @Test
    void avnt_and_zkc_every_window_ends_by_itself_and_so_does_the_recording() {
        Listing listing = listing("n-1", t0);
        Recorder recorder = recorder();
        recorder.record(listing);
        await().until(() -> published.size() == 3);
        assertThat(recorder.status().getFirst().isOver()).isFalse();
        String market = "KRW-SKYN for " + listing.id();
        assertThat(collecting.calls).containsExactly("+" + market);

        ahead = Duration.ofHours(2);
        recorder.opens(listing, t0.plusSeconds(30), "listing"); // wakes it
        await().until(() -> recorder.status().getFirst().isOver());

        assertThat(published).isEqualTo(stages(listing, Stage.CORE, Stage.NEAR, Stage.WIDE, Stage.OPEN, Stage.FINAL));
        await().until(() -> collecting.calls.size() == 2);
        assertThat(collecting.calls).containsExactly("+" + market, "-" + market);
    }

    @Test
    void what_was_open_goes_on_after_a_restart_and_nothing_is_published_twice() {
        Listing listing = listing("n-1", t0);
        Recorder first = recorder();
        first.record(listing);
        await().until(() -> published.size() == 3);
        first.close();

        ahead = Duration.ofHours(2);
        Recorder second = recorder();
        second.resume(List.of(listing));
        await().until(() -> second.status().getFirst().isOver());

        assertThat(published).isEqualTo(stages(listing, Stage.CORE, Stage.NEAR, Stage.WIDE, Stage.FINAL));
        Recorder third = recorder();
        third.resume(List.of(listing));
        assertThat(third.status().getFirst().isOver()).isTrue();
        assertThat(published).hasSize(4);
    }

    @Test
    void what_fired_and_was_cut_off_before_it_was_recorded_is_recorded_at_the_next_start() {
        Listing listing = listing("n-1", t0);
        recorder().resume(List.of(listing));

        await().until(() -> published.equals(stages(listing, Stage.CORE, Stage.NEAR, Stage.WIDE)));
    }

    @Test
    void a_failure_that_nobody_thought_of_does_not_end_a_recording() {
        collecting.failures.set(1);
        Listing listing = listing("n-1", t0);
        Recorder recorder = recorder();
        recorder.record(listing);
        await().until(() -> published.size() == 3);

        assertThat(collecting.calls).containsExactly("+KRW-SKYN for " + listing.id());
        assertThat(recorder.status().getFirst().trouble()).isNull();
    }

    @Test
    void what_is_still_in_the_journal_is_waited_for_and_a_database_that_is_away_too() throws Exception {
        collecting.isStored = false;
        collecting.isThere = false;
        Listing listing = listing("n-1", t0);
        Recorder recorder = recorder();
        recorder.record(listing);
        await().until(() -> recorder.status().getFirst().trouble() != null);
        assertThat(recorder.status().getFirst().trouble()).contains("no database");
        collecting.isThere = true;
        await().until(() -> !TestDatabase.rows("SELECT id FROM listings").isEmpty());
        assertThat(published).isEmpty();
        collecting.isStored = true;
        await().until(() -> published.size() == 3);
    }

    @Test
    void a_hole_that_is_refilled_makes_the_archive_anew() throws Exception {
        Instant from = t0.plusSeconds(1);
        TestDatabase.execute("INSERT INTO holes (instrument_id, cause, from_time, to_time, opened_at) VALUES ("
                + TestDatabase.id(ON_BINANCE) + ", 'disconnect', '" + from + "', '" + from.plusSeconds(1)
                + "', now())");
        Listing listing = listing("n-1", t0);
        Recorder recorder = recorder();
        recorder.record(listing);
        await().until(() -> published.size() == 3);
        assertThat(metadata(listing).path("open_holes").asInt()).isEqualTo(1);

        TestDatabase.execute("UPDATE holes SET outcome = 'refilled', closed_at = now()");
        await().until(() -> metadata(listing).path("open_holes").asInt() == 0);

        assertThat(metadata(listing).path("stage").asText()).isEqualTo("wide");
        assertThat(published).hasSize(3); // nobody is told of it as of a stage
    }

    @Test
    void a_start_before_the_database_is_up_is_no_trouble_for_a_minute() throws Exception {
        collecting.isThere = false;
        Recorder recorder = recorder();
        try (Log log = new Log(Recording.class)) {
            recorder.record(listing("n-1", t0));
            await().until(() -> recorder.status().getFirst().trouble() != null);
            assertThat(log.lines(Level.ERROR)).isEmpty();
            assertThat(log.lines(Level.WARN)).isEmpty();
            assertThat(log.lines(Level.INFO))
                    .singleElement()
                    .asString()
                    .contains("waits for the database")
                    .doesNotContain("Exception");

            ahead = Duration.ofSeconds(61);
            await().until(() -> !log.lines(Level.WARN).isEmpty());
            collecting.isThere = true;
            await().until(() -> published.size() == 3);

            assertThat(log.lines(Level.WARN)).hasSize(1);
            assertThat(log.lines(Level.ERROR)).isEmpty();
        }
    }

    @Test
    void a_publication_that_is_under_way_at_the_end_is_finished() throws Exception {
        Recorder recorder = recorder();
        Listing listing = listing("n-1", t0);
        recorder.record(listing);
        await().until(() -> published.size() == 3);
        CountDownLatch answers = new CountDownLatch(1);
        collecting.answers = answers;
        Instant opens = t0.plus(Duration.ofHours(5));
        recorder.opens(listing, opens, "listing");
        await().until(() -> recorder.status().getFirst().opensAt() != null);
        try (Log log = new Log(Recording.class)) {
            Thread end = Thread.ofVirtual().start(recorder::close);
            assertThat(end.join(Duration.ofMillis(200))).isFalse();
            answers.countDown();
            assertThat(end.join(Duration.ofMillis(1_500))).isTrue();

            assertThat(log.lines(Level.WARN)).isEmpty();
            assertThat(log.lines(Level.ERROR)).isEmpty();
        }
        assertThat(TestDatabase.rows("SELECT opens_at = '" + opens + "' FROM listings"))
                .containsExactly("t");
    }

    @Test
    void a_publication_that_the_end_cuts_off_is_no_error() throws Exception {
        collecting.answers = new CountDownLatch(1); // for ever
        Recorder recorder = recorder();
        recorder.record(listing("n-1", t0));
        collecting.asked.await();
        try (Log log = new Log(Recording.class)) {
            long began = System.nanoTime();
            recorder.close();

            assertThat(System.nanoTime() - began)
                    .isLessThan(Duration.ofSeconds(3).toNanos());
            assertThat(log.lines(Level.WARN)).isEmpty();
            assertThat(log.lines(Level.ERROR)).isEmpty();
        }
    }

    @Test
    void a_recording_that_is_over_lets_go_of_the_market_for_itself_alone() {
        Listing listing = listing("n-1", t0);
        Listing past = listing("hand:1", t0.minus(Duration.ofDays(2)));
        Recorder recorder = recorder();
        recorder.record(listing);
        recorder.record(past);
        await().until(() -> published.containsAll(stages(past, Stage.FINAL)) && published.size() == 7);

        await().until(() -> collecting.calls.contains("-KRW-SKYN for " + past.id()));
        assertThat(collecting.calls).doesNotContain("-KRW-SKYN for " + listing.id());
    }

    @Test
    void what_becomes_known_after_a_stage_is_in_the_archive_and_the_tables_long_before_the_next_one() throws Exception {
        Listing listing = listing("n-1", t0);
        Instant opens = t0.plus(Duration.ofHours(5));
        Recorder recorder = recorder();
        recorder.record(listing);
        await().until(() -> published.size() == 3);
        recorder.opens(listing, opens, "listing");
        await().until(() -> metadata(listing).path("opens_at").asText().equals(opens.toString()));
        recorder.opens(listing, null, "postponed"); // the new time is not known yet
        await().until(() -> metadata(listing).path("kind").asText().equals("postponed"));
        assertThat(metadata(listing).path("opens_at").asText()).isEqualTo(opens.toString());
        Instant seen = t0.plus(Duration.ofMinutes(40));
        recorder.seenAgain(
                listing.with(List.of(listing.sightings().getFirst(), new Sighting(Source.MARKET_LIST, t0, seen))));
        await().until(() -> metadata(listing).path("market_seen_at").asText().equals(seen.toString()));

        assertThat(metadata(listing).path("stage").asText()).isEqualTo("wide");
        assertThat(TestDatabase.rows("SELECT kind, opens_at = '" + opens + "', stage, market_seen_at = '" + seen
                        + "', (SELECT count(*) FROM listing_sightings) FROM listings"))
                .containsExactly("postponed|t|wide|t|2");
        assertThat(published).hasSize(3);
    }

    @Test
    void a_body_that_names_no_won_corrects_archive_and_tables_and_nothing_is_lost() throws Exception {
        Listing fired = listing("n-1", t0).on(List.of("KRW", "BTC", "USDT"));
        Listing corrected = fired.on(List.of("BTC", "USDT"));
        Contract contract = new Contract("SKYN", "Ethereum", "0xD533a949740bb3306d119CC777fa900bA034cd52");
        Recorder recorder = recorder();
        recorder.record(fired);
        await().until(() -> published.size() == 3);
        assertThat(metadata(fired).path("is_krw_listing").asBoolean()).isTrue();

        recorder.corrected(corrected);
        recorder.lives(corrected, List.of(contract));
        recorder.lives(corrected, List.of()); // an amended body without the address
        await().until(() -> !metadata(fired).path("contracts").isEmpty());

        JsonNode metadata = metadata(fired);
        assertThat(metadata.path("markets")).extracting(JsonNode::asText).containsExactly("BTC", "USDT");
        assertThat(metadata.path("is_krw_listing").asBoolean(true)).isFalse();
        assertThat(metadata.path("title").asText()).isEqualTo(fired.title());
        assertThat(metadata.path("stage").asText()).isEqualTo("wide");
        assertThat(metadata.path("contracts").toString())
                .isEqualTo("[{\"network\":\"Ethereum\",\"address\":\"" + contract.address() + "\"}]");
        await().until(() -> TestDatabase.rows("SELECT contracts FROM listings")
                .equals(List.of("[{\"address\": \"" + contract.address() + "\", \"network\": \"Ethereum\"}]")));
        assertThat(TestDatabase.rows("SELECT markets, is_krw_listing, stage FROM listings"))
                .containsExactly("{BTC,USDT}|f|wide");
        assertThat(TestDatabase.rows("SELECT m.status, c.status, m.symbol FROM listing_markets m JOIN coverage c"
                        + " USING (listing_id, exchange, market) WHERE exchange = 'upbit'"))
                .containsExactly("not_listed|not_listed|null");
        assertThat(TestDatabase.rows("SELECT trades FROM coverage WHERE exchange = 'binance' AND symbol IS NOT NULL"))
                .containsExactly("60");
        String market = "KRW-SKYN for " + fired.id();
        assertThat(collecting.calls).containsExactly("+" + market, "-" + market);

        recorder.close();
        Recorder next = recorder();
        next.resume(List.of(corrected));
        assertThat(next.status())
                .singleElement()
                .satisfies(status -> assertThat(status.listing()).isEqualTo(corrected));
    }

    @Test
    void a_correction_is_not_forgotten_where_a_crash_cut_it_off_and_reaches_a_recording_that_is_over()
            throws Exception {
        Listing fired = listing("n-1", t0);
        Recorder first = recorder();
        first.record(fired);
        await().until(() -> published.size() == 3);
        first.close();
        ahead = Duration.ofHours(2);
        Recorder second = recorder();
        second.resume(List.of(fired.on(List.of("BTC")))); // the watch knew, the recording did not hear of it
        await().until(() -> second.status().getFirst().isOver());
        assertThat(metadata(fired).path("is_krw_listing").asBoolean(true)).isFalse();
        assertThat(metadata(fired).path("stage").asText()).isEqualTo("final");

        second.corrected(fired.on(List.of("BTC", "USDT")));
        await().until(() -> metadata(fired).path("markets").size() == 2);
        assertThat(metadata(fired).path("stage").asText()).isEqualTo("final");
        assertThat(published).hasSize(4);
    }

    private Listing over(Recorder recorder) {
        Listing past = listing("n-1", t0.minus(Duration.ofDays(2)));
        recorder.record(past);
        await().until(() -> collecting.calls.contains("-KRW-SKYN for " + past.id()));
        assertThat(published).isEqualTo(stages(past, Stage.CORE, Stage.NEAR, Stage.WIDE, Stage.FINAL));
        published.clear();
        collecting.calls.clear();
        return past;
    }

    private RecordingFile file(Listing listing) throws Exception {
        return RecordingFile.read(folder.resolve("recordings").resolve(listing.id() + ".json"));
    }

    @Test
    void much_that_is_told_at_once_of_a_recording_that_is_over_is_published_once_by_one_thread() throws Exception {
        Recorder recorder = recorder();
        Listing listing = over(recorder);
        collecting.isThere = false; // so that a second thread would meet the first one
        recorder.lives(
                listing, List.of(new Contract("SKYN", "Ethereum", "0xD533a949740bb3306d119CC777fa900bA034cd52")));
        recorder.opens(listing, t0, "listing");
        recorder.corrected(listing.on(List.of("KRW", "BTC")));
        await().until(() -> recorder.status().getFirst().trouble() != null);
        collecting.isThere = true;
        await().until(() -> file(listing).isOver() && collecting.calls.size() > 1);

        String market = "KRW-SKYN for " + listing.id();
        assertThat(collecting.calls).containsExactly("+" + market, "-" + market);
        assertThat(published).isEqualTo(stages(listing, Stage.OPEN, Stage.FINAL));
        assertThat(metadata(listing).path("markets")).hasSize(2);
        assertThat(metadata(listing).path("contracts")).hasSize(1);
    }

    @Test
    void what_becomes_of_a_listing_after_its_recording_is_over_reaches_archive_and_tables() throws Exception {
        Recorder recorder = recorder();
        Listing listing = over(recorder);
        recorder.opens(listing, null, "cancelled");

        await().until(() -> metadata(listing).path("kind").asText().equals("cancelled"));
        await().until(() ->
                TestDatabase.rows("SELECT kind, stage FROM listings").equals(List.of("cancelled|final")));
        assertThat(published).isEmpty();
        assertThat(collecting.calls).isEmpty();
    }

    @Test
    void what_was_told_and_cut_off_before_it_was_published_is_published_at_the_next_start() throws Exception {
        Recorder first = recorder();
        Listing listing = over(first);
        collecting.isThere = false;
        first.opens(listing, null, "postponed");
        first.close();
        assertThat(file(listing).isBehind()).isTrue();
        collecting.isThere = true;
        Recorder second = recorder();
        second.resume(List.of(listing));

        await().until(() -> metadata(listing).path("kind").asText().equals("postponed"));
        await().until(() -> !file(listing).isBehind());
        assertThat(TestDatabase.rows("SELECT kind FROM listings")).containsExactly("postponed");
    }

    @Test
    void a_file_of_an_older_metdc_is_behind_nothing() throws Exception {
        Recorder first = recorder();
        Listing listing = over(first);
        first.close();
        Path file = folder.resolve("recordings").resolve(listing.id() + ".json");
        RecordingFile written = file(listing);
        String old = Files.readString(file).replaceFirst("\"behind\" : false,\\s*", "");
        assertThat(old).doesNotContain("behind");
        Files.writeString(file, old);

        assertThat(file(listing)).isEqualTo(written);
    }

    @Test
    void a_market_for_won_that_shows_after_the_end_is_an_opening_collected_and_kept() throws Exception {
        Recorder recorder = recorder();
        Listing listing = over(recorder);
        recorder.seenAgain(listing.with(
                List.of(listing.sightings().getFirst(), new Sighting(Source.MARKET_LIST, t0.minusSeconds(3), t0))));
        await().until(() -> collecting.calls.size() == 2);

        String market = "KRW-SKYN for " + listing.id();
        assertThat(collecting.calls).containsExactly("+" + market, "-" + market);
        assertThat(published).isEqualTo(stages(listing, Stage.OPEN, Stage.FINAL));
        assertThat(metadata(listing).path("market_seen_at").asText()).isEqualTo(t0.toString());
        assertThat(metadata(listing).path("opens_at").asText()).isEqualTo(t0.toString());
        assertThat(TestDatabase.rows(
                        "SELECT market_seen_at = '" + t0 + "', opens_at = '" + t0 + "', stage FROM listings"))
                .containsExactly("t|t|final");
        assertThat(TestDatabase.rows("SELECT trades FROM coverage WHERE exchange = 'binance' AND symbol IS NOT NULL"))
                .containsExactly("20");
        assertThat(TestDatabase.rows("SELECT DISTINCT to_time >= '" + t0.plusSeconds(10) + "' FROM kept_spans"))
                .containsExactly("t");
    }

    @Test
    void the_first_trade_for_won_says_better_when_it_opened_than_the_market_list() throws Exception {
        Recorder recorder = recorder();
        Listing listing = over(recorder);
        Instant first = t0.plusSeconds(5);
        TestDatabase.store(List.of(new Trade(
                Venues.krw("SKYN"),
                TradeId.of(7),
                new BigDecimal("1700"),
                new BigDecimal("3"),
                TakerSide.BUY,
                Nanos.of(first),
                Nanos.of(first.plusMillis(20)),
                0,
                Origin.STREAM,
                Set.of())));
        recorder.seenAgain(
                listing.with(List.of(listing.sightings().getFirst(), new Sighting(Source.MARKET_LIST, null, t0))));
        await().until(() -> collecting.calls.size() == 2);

        assertThat(published).isEqualTo(stages(listing, Stage.OPEN, Stage.FINAL));
        assertThat(metadata(listing).path("opens_at").asText()).isEqualTo(first.toString());
        assertThat(metadata(listing).path("market_seen_at").asText()).isEqualTo(t0.toString());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"version":1,"listing":{"coin":"SKYN","mark | cannot be read
            {"version":7,"listing":{"coin":"SKYN"}}     | of version 7
            """)
    void a_file_that_cannot_be_read_is_never_overwritten_and_its_listing_is_recorded_anew(String content, String why)
            throws Exception {
        Listing listing = listing("n-1", t0);
        Path files = Files.createDirectories(folder.resolve("recordings"));
        Files.writeString(files.resolve(listing.id() + ".json"), content);
        Files.writeString(files.resolve("ZZZ_20260821_022240.json"), content);

        try (Log log = new Log(Recorder.class)) {
            recorder().resume(List.of(listing));
            await().until(() -> published.size() == 3);

            assertThat(log.lines(Level.ERROR))
                    .hasSize(2)
                    .allSatisfy(line -> assertThat(line).contains(why, ".json.unusable-"));
        }
        try (Stream<Path> kept = Files.list(files)) {
            assertThat(kept.filter(file -> file.toString().contains(".unusable-")))
                    .hasSize(2)
                    .allSatisfy(file -> assertThat(file).hasContent(content));
        }
        assertThat(RecordingFile.read(files.resolve(listing.id() + ".json")).listing())
                .isEqualTo(listing);
    }
}
