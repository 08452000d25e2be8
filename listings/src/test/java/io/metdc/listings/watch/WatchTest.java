package io.metdc.listings.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.metdc.listings.Listing;
import io.metdc.listings.Sighting;
import io.metdc.listings.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

class WatchTest {
    private static final Instant START = Instant.parse("2026-11-20T01:00:00Z");
    private static final String SKYN = "스카이(SKYN) 신규 거래지원 안내 (KRW, BTC, USDT 마켓)";

    @TempDir
    private Path folder;

    private final Heard heard = new Heard();
    private Instant now = START;
    private boolean additions;
    private boolean notices = true;

    private Watch watch() throws IOException {
        return new Watch(
                folder.resolve("notices.json"),
                new Watch.Rules(additions, notices, Duration.ofDays(7)),
                heard,
                () -> now);
    }

    /// A watch that has seen a page, two minutes after its cold start.
    private Watch running() throws IOException {
        Watch watch = watch();
        page(watch, old("n-0"));
        now = now.plusSeconds(120);
        return watch;
    }

    private static Notice old(String key) {
        return notice(key, "오래된(OLD) 신규 거래지원 안내 (KRW 마켓)", START.minus(Duration.ofDays(2)));
    }

    private static Notice notice(String key, String title, Instant firstListedAt) {
        return new Notice(key, "", title, "거래", firstListedAt, firstListedAt, null);
    }

    private void page(Watch watch, Notice... notices) {
        watch.answered(new Answer.Notices(
                Source.NOTICE_LIST, "a.example", now.minusMillis(40), now, Arrays.asList(notices), true, Instant.MIN));
    }

    private void push(Watch watch, Notice notice) {
        watch.answered(
                new Answer.Notices(Source.NOTICE_SOCKET, "s.example", now, now, List.of(notice), false, Instant.MIN));
    }

    private void markets(Watch watch, String... coins) {
        watch.answered(new Answer.KrwMarkets(
                Source.MARKET_LIST, "m.example", now.minusMillis(30), now, new HashSet<>(Set.of(coins))));
    }

    // ---- what fires

    @Test
    void a_new_notice_fires_once_with_the_times_between_which_it_became_visible() throws Exception {
        Watch watch = running();
        Instant asked = now.minusMillis(40);
        page(watch, old("n-0"));
        now = now.plusSeconds(2);
        Instant announced = now.minusMillis(1_300).truncatedTo(ChronoUnit.SECONDS);
        page(watch, notice("n-1", SKYN, announced), old("n-0"));
        page(watch, notice("n-1", SKYN, announced), old("n-0"));

        assertThat(heard.fired).singleElement().satisfies(listing -> {
            assertThat(listing.coin()).isEqualTo("SKYN");
            assertThat(listing.markets()).containsExactly("KRW", "BTC", "USDT");
            assertThat(listing.announcedAt()).isEqualTo(announced);
            assertThat(listing.firedAt()).isEqualTo(now);
            assertThat(listing.late()).isFalse();
            assertThat(listing.sightings()).containsExactly(new Sighting(Source.NOTICE_LIST, asked, now));
        });
    }

    @Test
    void every_coin_of_a_notice_fires_and_not_the_first_alone() throws Exception {
        Watch watch = running();
        page(watch, notice("n-1", "가(AAA), 나(0G), 다(O) 신규 거래지원 안내 (KRW 마켓)", now));

        assertThat(heard.coins()).containsExactly("AAA", "0G", "O");
    }

    @Test
    void a_coin_that_cannot_be_recorded_costs_no_other_of_its_notice() throws Exception {
        Watch watch = running();
        heard.whenFired = () -> {
            if (heard.fired.size() == 1) {
                throw new IllegalStateException("the first of them");
            }
        };
        page(watch, notice("n-1", "가(AAA), 나(BBB), 다(CCC) 신규 거래지원 안내 (KRW 마켓)", now));

        assertThat(heard.coins()).containsExactly("AAA", "BBB", "CCC");
    }

    @Test
    void a_notice_that_is_not_the_first_of_the_page_fires_too() throws Exception {
        Watch watch = running();
        page(watch, old("n-0"), notice("n-7", "[안내] 점검 안내", now), notice("n-1", SKYN, now));

        assertThat(heard.coins()).containsExactly("SKYN");
    }

    @Test
    void an_addition_to_other_markets_fires_only_where_that_is_wanted() throws Exception {
        Notice addition = notice("n-1", "BTC, USDT 마켓 신규 거래지원 안내 (AAA, BBB)", START.plusSeconds(119));
        page(running(), addition);
        assertThat(heard.fired).isEmpty();

        Files.delete(folder.resolve("notices.json"));
        additions = true;
        now = START;
        page(running(), addition);
        assertThat(heard.coins()).containsExactly("AAA", "BBB");
        assertThat(heard.fired).noneMatch(Listing::isKrw);
    }

    @ParameterizedTest
    @CsvSource({"PT9M59S, false, 1", "PT10M1S, true, 1", "PT16M, true, 1", "P6D, true, 1", "P8D, false, 0"})
    void a_notice_that_is_found_late_is_recorded_as_such_while_its_trades_are_stored(
            Duration age, boolean late, int fires) throws Exception {
        now = START.plus(Duration.ofDays(20));
        Watch watch = running();
        now = now.plus(Duration.ofDays(10));
        page(watch, notice("n-1", SKYN, now.minus(age)));

        assertThat(heard.fired).hasSize(fires).allMatch(listing -> listing.late() == late);
    }

    // ---- what must not fire

    @Test
    void an_amendment_changes_what_is_known_and_never_fires() throws Exception {
        Watch watch = running();
        Instant announced = now;
        page(watch, notice("n-1", "스카이(SKYN), 다(AAA) 신규 거래지원 안내 (KRW 마켓)", announced));
        heard.fired.clear();
        for (String title : List.of(
                "스카이(SKYN), 다(AAA) 신규 거래지원 안내 (KRW 마켓) (거래지원 개시 시점 변경 안내)",
                "스카이(SKYN), 다(AAA) 신규 거래지원 안내 (KRW 마켓) (다(AAA) 거래지원 취소 안내)",
                "스카이(SKYN), 다(AAA), 라(BBB) 신규 거래지원 안내 (KRW 마켓)")) {
            now = now.plus(Duration.ofHours(3));
            page(watch, new Notice("n-1", "", title, "거래", announced, now, null));
        }

        assertThat(heard.fired).isEmpty();
        assertThat(heard.amended).containsExactly("SKYN AAA POSTPONED", "SKYN LISTING", "SKYN AAA LISTING");
    }

    @Test
    void a_notice_that_was_issued_again_under_another_name_does_not_fire_again() throws Exception {
        Watch watch = running();
        page(watch, notice("n-1", SKYN, now));
        now = now.plusSeconds(600);
        page(watch, notice("n-2", "스카이(SKYN), 새(NEWC) 신규 거래지원 안내 (KRW 마켓)", now));

        assertThat(heard.coins()).containsExactly("SKYN", "NEWC");
    }

    @Test
    void a_coin_that_was_cancelled_and_is_announced_again_fires_again_over_a_restart_too() throws Exception {
        Watch watch = running();
        Instant announced = now;
        page(watch, notice("n-1", SKYN, announced));
        now = now.plus(Duration.ofHours(1));
        page(watch, notice("n-1", SKYN + " (스카이(SKYN) 거래지원 취소 안내)", announced));
        watch = watch();
        now = now.plus(Duration.ofDays(8));
        page(watch, notice("n-2", SKYN, now));
        now = now.plusSeconds(2);
        page(watch, notice("n-3", SKYN, now));

        assertThat(heard.fired).extracting(Listing::notice).containsExactly("n-1", "n-2");
    }

    @Test
    void a_coin_whose_cancellation_is_taken_back_does_not_fire_for_another_notice() throws Exception {
        Watch watch = running();
        Instant announced = now;
        page(watch, notice("n-1", SKYN, announced));
        page(watch, notice("n-1", SKYN + " (스카이(SKYN) 거래지원 취소 안내)", announced));
        page(watch, notice("n-1", SKYN, announced));
        page(watch, notice("n-2", SKYN, announced));

        assertThat(heard.coins()).containsExactly("SKYN");
    }

    @Test
    void a_notice_that_is_the_same_again_is_for_a_person_only_where_it_names_other_markets() throws Exception {
        Watch watch = running();
        page(watch, notice("n-1", "스카이(SKYN), 다(AAA) 신규 거래지원 안내 (KRW, BTC 마켓)", now));
        page(watch, notice("n-2", "스카이(SKYN) 신규 거래지원 안내 (BTC, KRW 마켓)", now));
        assertThat(heard.unclear).isEmpty();

        page(watch, notice("n-3", "스카이(SKYN), 다(AAA) 신규 거래지원 안내 (KRW, USDT 마켓)", now));
        assertThat(heard.unclear).extracting(Notice::key).containsExactly("n-3");
        assertThat(heard.coins()).containsExactly("SKYN", "AAA");
    }

    @Test
    void a_notice_without_a_uuid_is_the_same_when_it_has_one() throws Exception {
        Watch watch = running();
        Instant announced = now;
        page(watch, new Notice("", "6490", SKYN, "거래", announced, announced, null));
        page(watch, new Notice("851252575", "6490", SKYN, "거래", announced, announced, null));
        push(watch, new Notice("851252575", "", SKYN, "거래", announced, announced, null));

        assertThat(heard.coins()).containsExactly("SKYN");
        assertThat(watch.listings().getFirst().sightings())
                .extracting(Sighting::source)
                .containsExactly(Source.NOTICE_LIST, Source.NOTICE_SOCKET);
    }

    @Test
    void after_a_cold_start_what_is_older_than_half_an_hour_is_history_for_ever() throws Exception {
        Watch watch = watch();
        Instant recent = now.minus(Duration.ofMinutes(29));
        page(
                watch,
                old("n-0"),
                notice("n-1", SKYN, recent),
                notice("n-2", "다(AAA) KRW 마켓 디지털 자산 추가", now.minusSeconds(1_801)));
        assertThat(heard.coins()).containsExactly("SKYN");
        assertThat(heard.fired).allMatch(Listing::late);

        now = now.plus(Duration.ofHours(2));
        page(
                watch,
                new Notice(
                        "n-0",
                        "",
                        old("n-0").title() + " (거래지원 개시 시점 변경 안내)",
                        "거래",
                        old("n-0").firstListedAt(),
                        now,
                        null),
                notice("n-5", "페이지 밖(EEE) 신규 거래지원 안내 (KRW 마켓)", START.minus(Duration.ofDays(1))));
        assertThat(heard.coins()).containsExactly("SKYN");
    }

    // ---- over a restart

    @Test
    void what_fired_does_not_fire_again_after_a_restart_and_is_still_known() throws Exception {
        Watch first = running();
        page(first, notice("n-1", SKYN, now));
        List<Listing> known = first.listings();
        now = now.plusSeconds(30);
        Watch second = watch();
        page(second, notice("n-1", SKYN, now.minusSeconds(30)), notice("n-2", "다(AAA) KRW 마켓 디지털 자산 추가", now));

        assertThat(heard.coins()).containsExactly("SKYN", "AAA");
        assertThat(second.listings()).startsWith(known.getFirst());
        assertThat(second.knownUntil()).isPresent();
    }

    @Test
    void it_is_on_disk_before_anything_hears_of_it() throws Exception {
        Path file = folder.resolve("notices.json");
        List<String> then = new ArrayList<>();
        heard.whenFired = () -> {
            try {
                then.add(Files.readString(file));
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        };
        page(running(), notice("n-1", SKYN, START.plusSeconds(120)));

        assertThat(then).singleElement().asString().contains("SKYN_20261120_010200", "n-1");
    }

    @Test
    void a_state_that_cannot_be_written_does_not_keep_a_listing_from_firing() throws Exception {
        Watch watch = running();
        Files.delete(folder.resolve("notices.json"));
        Files.createDirectories(folder.resolve("notices.json/in the way"));
        page(watch, notice("n-1", SKYN, now));

        assertThat(heard.coins()).containsExactly("SKYN");
    }

    @Test
    void a_state_that_cannot_be_read_is_an_error_that_names_the_file_and_why() throws Exception {
        Files.writeString(folder.resolve("notices.json"), "{\"version\":1,\"notices\":[{\"title\":\"x\"}]}");
        assertThatThrownBy(this::watch)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("notices.json")
                .hasMessageContaining("is damaged");
        Files.writeString(folder.resolve("notices.json"), "");
        assertThatThrownBy(this::watch).hasMessageEndingWith("notices.json is damaged: it has no version");
        Files.writeString(folder.resolve("notices.json"), "{\"version\":1,");
        assertThatThrownBy(this::watch).hasMessageContaining("notices.json is damaged: ");

        Files.writeString(folder.resolve("notices.json"), "{\"version\":9}");
        assertThatThrownBy(this::watch).hasMessageContaining("newer metdc: it is of version 9");
    }

    @Test
    void a_krw_market_that_was_seen_right_before_a_crash_fires_after_it_when_no_notice_explains_it() throws Exception {
        Watch watch = running();
        markets(watch, "BTC", "ETH");
        now = now.plusSeconds(5);
        markets(watch, "BTC", "ETH", "SKYN", "AAA");
        now = now.plusSeconds(60);
        watch = watch();
        markets(watch, "BTC", "ETH", "SKYN", "AAA");
        watch.look();
        assertThat(heard.fired).isEmpty(); // its notice may be on the first page
        page(watch, notice("n-1", SKYN, START.plusSeconds(119)), old("n-0"));

        assertThat(heard.fired).extracting(Listing::notice).containsExactlyInAnyOrder("n-1", "market:KRW-AAA");
        watch = watch();
        now = now.plusSeconds(60);
        watch.look();
        page(watch, old("n-0"));
        assertThat(heard.fired).hasSize(2);
    }

    @Test
    void a_krw_market_that_waited_for_its_notice_over_a_long_outage_fires_late_and_not_without_its_trades()
            throws Exception {
        Watch watch = running();
        markets(watch, "BTC");
        now = now.plusSeconds(5);
        markets(watch, "BTC", "AAA");
        now = now.plus(Duration.ofHours(2));
        watch = watch();
        page(watch, old("n-0"));
        assertThat(heard.fired)
                .singleElement()
                .satisfies(listing -> assertThat(listing.late()).isTrue());

        markets(watch, "BTC", "AAA", "BBB");
        now = now.plus(Duration.ofDays(8));
        page(watch(), old("n-0"));
        assertThat(heard.coins()).containsExactly("AAA");
    }

    // ---- several sources

    @Test
    void the_first_source_fires_and_the_others_are_noted_with_their_times() throws Exception {
        Watch watch = running();
        markets(watch, "BTC", "ETH");
        page(watch, old("n-0"));
        now = now.plusSeconds(2);
        Instant announced = now;
        push(watch, notice("n-1", SKYN, announced));
        now = now.plusMillis(900);
        page(watch, notice("n-1", SKYN, announced));
        now = now.plus(Duration.ofHours(1));
        markets(watch, "BTC", "ETH", "SKYN");

        assertThat(heard.coins()).containsExactly("SKYN");
        assertThat(heard.seenAgain).hasSize(2);
        assertThat(watch.listings().getFirst().sightings())
                .extracting(Sighting::source)
                .containsExactly(Source.NOTICE_SOCKET, Source.NOTICE_LIST, Source.MARKET_LIST);
    }

    @Test
    void a_krw_market_that_is_seen_before_its_notice_leaves_the_firing_to_it() throws Exception {
        Watch watch = running();
        markets(watch, "BTC", "ETH");
        now = now.plusSeconds(5);
        markets(watch, "BTC", "ETH", "SKYN");
        assertThat(heard.fired).isEmpty();
        now = now.plusSeconds(1);
        Instant announced = START.minus(Duration.ofMinutes(20));
        page(watch, notice("n-1", SKYN, announced));

        assertThat(heard.fired).singleElement().satisfies(listing -> {
            assertThat(listing.announcedAt()).isEqualTo(announced);
            assertThat(listing.late()).isTrue();
        });
        assertThat(watch.listings().getFirst().sightings())
                .extracting(Sighting::source)
                .containsExactly(Source.MARKET_LIST, Source.NOTICE_LIST);
    }

    @Test
    void a_krw_market_that_no_notice_explains_fires_and_a_notice_of_the_same_moment_does_not_any_more()
            throws Exception {
        Watch watch = running();
        markets(watch, "BTC", "ETH");
        now = now.plusSeconds(5);
        markets(watch, "BTC", "ETH", "SKYN");
        markets(watch, "BTC", "ETH", "SKYN");
        now = now.plusSeconds(1);
        page(watch, old("n-0"));
        now = now.plusSeconds(2);
        page(watch, notice("n-1", SKYN, now.minusSeconds(4)));

        assertThat(heard.fired).singleElement().satisfies(listing -> {
            assertThat(listing.notice()).isEqualTo("market:KRW-SKYN");
            assertThat(listing.sightings().getFirst().notYetAt()).isNotNull();
        });
        assertThat(watch.listings().getFirst().title()).isEqualTo(SKYN);
    }

    @Test
    void each_krw_market_waits_for_its_notice_as_long_as_the_others() throws Exception {
        Watch watch = running();
        markets(watch, "BTC");
        now = now.plusSeconds(5);
        markets(watch, "BTC", "AAA");
        now = now.plusSeconds(9);
        markets(watch, "BTC", "AAA", "SKYN");
        now = now.plusSeconds(2);
        watch.look();
        assertThat(heard.coins()).containsExactly("AAA");

        watch.answered(new Answer.Unchanged(
                Source.NOTICE_LIST, "a.example", now.minusSeconds(3), now.plusMillis(100), Instant.MIN));
        assertThat(heard.coins()).containsExactly("AAA");
        now = now.plusSeconds(2);
        page(watch, notice("n-1", SKYN, START));
        assertThat(heard.fired).extracting(Listing::notice).containsExactly("market:KRW-AAA", "n-1");
    }

    @Test
    void a_page_explains_only_the_krw_markets_that_were_seen_before_it_was_asked_for() throws Exception {
        Watch watch = running();
        markets(watch, "BTC");
        markets(watch, "BTC", "AAA");
        now = now.plusSeconds(2);
        markets(watch, "BTC", "AAA", "SKYN");
        now = now.plusMillis(20);
        page(watch, old("n-0"));
        assertThat(heard.coins()).containsExactly("AAA");
        now = now.plusSeconds(2);
        page(watch, notice("n-1", SKYN, START));

        assertThat(heard.fired).extracting(Listing::notice).containsExactly("market:KRW-AAA", "n-1");
    }

    @Test
    void a_coin_that_fired_a_year_ago_and_comes_back_without_a_notice_fires_by_its_market() throws Exception {
        Watch watch = running();
        markets(watch, "BTC");
        page(watch, notice("n-1", SKYN, now));
        markets(watch, "BTC", "SKYN");
        for (int month = 0; month < 12; month++) {
            now = now.plus(Duration.ofDays(31));
            markets(watch, "BTC");
        }
        markets(watch, "BTC", "SKYN");
        now = now.plusSeconds(11);
        watch.look();

        assertThat(heard.fired).extracting(Listing::notice).containsExactly("n-1", "market:KRW-SKYN");
    }

    @Test
    void a_market_that_opens_long_after_its_notice_was_postponed_is_no_news() throws Exception {
        Watch watch = running();
        markets(watch, "BTC");
        Instant announced = now;
        page(watch, notice("n-1", SKYN, announced));
        now = now.plus(Duration.ofDays(20));
        page(watch, new Notice("n-1", "", SKYN + " (거래지원 개시 시점 변경 안내)", "거래", announced, now, null));
        now = now.plus(Duration.ofDays(20));
        markets(watch, "BTC", "SKYN");
        now = now.plusSeconds(11);
        watch.look();

        assertThat(heard.coins()).containsExactly("SKYN");
    }

    @Test
    void a_notice_that_turns_up_long_after_its_market_is_recorded_around_its_own_time() throws Exception {
        Watch watch = running();
        markets(watch, "BTC");
        now = now.plusSeconds(5);
        markets(watch, "BTC", "SKYN");
        now = now.plusSeconds(11);
        watch.look();
        Instant announced = START.minus(Duration.ofMinutes(20));
        page(watch, notice("n-1", SKYN, announced));

        assertThat(heard.fired).hasSize(2);
        assertThat(heard.fired.getLast().announcedAt()).isEqualTo(announced);
        assertThat(heard.fired.getLast().late()).isTrue();
    }

    @Test
    void without_any_source_of_notices_the_market_list_fires_at_once_and_nothing_is_blind() throws Exception {
        notices = false;
        Watch watch = watch();
        markets(watch, "BTC");
        now = now.plusSeconds(70);
        watch.look();
        markets(watch, "BTC", "SKYN");

        assertThat(heard.coins()).containsExactly("SKYN");
        assertThat(heard.blind).isEmpty();
    }

    @Test
    void a_notice_that_cannot_be_judged_takes_no_other_with_it() throws Exception {
        additions = true;
        Watch watch = running();
        page(
                watch,
                notice("n-1", SKYN, now),
                notice("n-2", "플록(FLOCK) 신규 거래지원 안내", now),
                notice("n-3", "다(AAA) KRW 마켓 디지털 자산 추가", now));

        assertThat(heard.coins()).containsExactly("SKYN", "AAA");
        assertThat(heard.unclear).hasSize(1);
    }

    @Test
    void a_clock_that_is_set_back_does_not_keep_a_notice_from_firing() throws Exception {
        Watch watch = running();
        page(watch, old("n-0"));
        now = now.minusSeconds(30);
        page(watch, notice("n-1", SKYN, now.minusSeconds(1)));

        assertThat(heard.coins()).containsExactly("SKYN");
    }

    @Test
    void a_push_of_before_our_time_is_history_although_no_page_was_seen() throws Exception {
        Watch watch = watch();
        push(watch, notice("n-9", SKYN, now.minus(Duration.ofDays(3))));
        push(watch, notice("n-1", "다(AAA) KRW 마켓 디지털 자산 추가", now));

        assertThat(heard.coins()).containsExactly("AAA");
    }

    @Test
    void a_notice_that_becomes_a_listing_or_names_one_coin_more_is_for_a_person() throws Exception {
        Watch watch = running();
        Instant announced = now;
        page(watch, notice("n-1", "스카이(SKYN) 안내", announced), notice("n-2", "다(AAA) KRW 마켓 디지털 자산 추가", announced));
        page(watch, notice("n-1", SKYN, announced), notice("n-2", "다(AAA), 라(BBB) KRW 마켓 디지털 자산 추가", announced));

        assertThat(heard.coins()).containsExactly("AAA");
        assertThat(heard.unclear).extracting(Notice::key).containsExactly("n-1", "n-2");
    }

    @Test
    void two_notices_with_uuids_of_their_own_are_two_although_their_ids_are_the_same() throws Exception {
        Watch watch = running();
        page(watch, new Notice("u-1", "0", "점검 안내", "점검", now, now, null));
        page(watch, new Notice("u-2", "0", SKYN, "거래", now, now, null));

        assertThat(heard.coins()).containsExactly("SKYN");
    }

    @Test
    void a_body_that_names_fewer_markets_corrects_what_fired_and_a_later_notice_for_won_fires() throws Exception {
        Watch watch = running();
        Instant announced = now.truncatedTo(ChronoUnit.SECONDS);
        page(watch, notice("n-1", SKYN, announced));
        Listing fired = heard.fired.getFirst();
        watch.bodySays(fired, List.of("KRW", "USDT", "BTC"));
        assertThat(heard.corrected).isEmpty();

        watch.bodySays(fired, List.of("BTC", "USDT"));
        watch.bodySays(fired, List.of("BTC", "USDT"));
        assertThat(heard.corrected).containsExactly(fired.on(List.of("BTC", "USDT")));
        assertThat(watch.listings()).isEqualTo(heard.corrected);
        assertThat(heard.fired).hasSize(1);

        watch = watch(); // of which the state is what the last one wrote
        assertThat(watch.listings()).isEqualTo(heard.corrected);
        now = now.plus(Duration.ofDays(3));
        page(watch, notice("n-2", "스카이(SKYN) KRW 마켓 디지털 자산 추가", now), notice("n-1", SKYN, announced));
        assertThat(heard.fired)
                .hasSize(2)
                .last()
                .satisfies(listing -> assertThat(listing.markets()).containsExactly("KRW"));
    }

    @Test
    void a_market_for_won_that_the_body_denied_fires_when_it_shows_all_the_same() throws Exception {
        Watch watch = running();
        markets(watch, "BTC");
        page(watch, notice("n-1", SKYN, now));
        watch.bodySays(heard.fired.getFirst(), List.of("BTC", "USDT"));
        now = now.plus(Duration.ofHours(2));
        markets(watch, "BTC", "SKYN");
        now = now.plusSeconds(12);
        page(watch, notice("n-1", SKYN, START));
        watch.look();

        assertThat(heard.fired).extracting(Listing::notice).containsExactly("n-1", "market:KRW-SKYN");
    }

    @Test
    void another_sources_tag_and_blanks_are_no_amendment() throws Exception {
        Watch watch = running();
        Instant announced = now;
        push(watch, notice("n-1", "[거래] " + SKYN, announced));
        page(watch, notice("n-1", " " + SKYN, announced));

        assertThat(heard.amended).isEmpty();
    }

    @Test
    void the_first_list_of_markets_and_one_that_comes_back_are_no_listings() throws Exception {
        Watch watch = running();
        markets(watch, "BTC", "ETH", "XRP");
        markets(watch, "BTC", "ETH");
        markets(watch, "BTC", "ETH", "XRP");
        assertThat(heard.fired).isEmpty();

        markets(watch(), "BTC", "ETH", "XRP");
        assertThat(heard.fired).isEmpty();
    }

    @Test
    void a_list_of_markets_that_had_been_cut_short_does_not_make_all_the_others_new() throws Exception {
        Watch watch = running();
        markets(watch, "BTC", "ETH");
        markets(watch, "BTC", "ETH", "A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8", "A9", "A10", "A11");
        assertThat(heard.fired).isEmpty();
    }

    @Test
    void the_market_of_a_coin_that_was_announced_before_our_time_is_no_news() throws Exception {
        Watch watch = running(); // OLD was announced two days before
        markets(watch, "BTC");
        markets(watch, "BTC", "OLD");

        assertThat(heard.fired).isEmpty();
    }

    // ---- trouble

    @Test
    void a_title_that_fits_no_rule_is_for_a_person_and_once_only() throws Exception {
        Watch watch = running();
        Notice unclear = notice("n-1", "Market Support for Something", now);
        page(watch, unclear);
        page(watch, unclear);

        assertThat(heard.unclear).containsExactly(unclear);
        assertThat(heard.fired).isEmpty();
    }

    @Test
    void a_title_that_is_too_long_is_for_a_person_and_says_why() throws Exception {
        Watch watch = running();
        Notice endless = notice("n-1", SKYN + " " + "가".repeat(TitleText.LONGEST), now);
        Logger logger = (Logger) LoggerFactory.getLogger(Watch.class);
        ListAppender<ILoggingEvent> logged = new ListAppender<>();
        logged.start();
        logger.addAppender(logged);
        try {
            page(watch, endless);
        } finally {
            logger.detachAppender(logged);
        }

        assertThat(heard.unclear).containsExactly(endless);
        assertThat(heard.fired).isEmpty();
        assertThat(logged.list)
                .filteredOn(event -> event.getLevel() == Level.ERROR)
                .singleElement()
                .satisfies(event -> assertThat(event.getFormattedMessage())
                        .contains("too long to be read")
                        .hasSizeLessThan(600));
    }

    @Test
    void an_amended_title_that_nobody_can_read_cancels_nothing_and_is_for_a_person() throws Exception {
        Watch watch = running();
        Instant announced = now;
        page(watch, notice("n-1", SKYN, announced));
        Notice endless = notice("n-1", SKYN + " " + "가".repeat(TitleText.LONGEST), announced);
        page(watch, endless);
        page(watch, endless);

        assertThat(heard.unclear).containsExactly(endless);
        assertThat(heard.amended).isEmpty();
    }

    @Test
    void an_old_copy_neither_ends_blindness_nor_takes_back_what_is_known() throws Exception {
        Watch watch = running();
        page(watch, old("n-0"));
        Instant fresh = now.minusMillis(40);
        for (int i = 0; i < 7; i++) {
            now = now.plusSeconds(10);
            watch.answered(
                    new Answer.Unchanged(Source.NOTICE_LIST, "a.example", now.minusSeconds(300), now, Instant.MIN));
            watch.look();
        }
        assertThat(heard.blind).hasSize(1);
        page(watch, notice("n-1", SKYN, now), old("n-0"));

        assertThat(heard.fired.getFirst().sightings()).containsExactly(new Sighting(Source.NOTICE_LIST, fresh, now));
    }

    @Test
    void without_a_good_answer_for_a_minute_it_is_blind_until_the_next_one() throws Exception {
        Watch watch = running();
        page(watch, old("n-0"));
        Instant last = now;
        now = now.plusSeconds(59);
        watch.look();
        markets(watch, "BTC");
        assertThat(heard.blind).isEmpty();
        now = now.plusSeconds(1);
        watch.look();
        watch.look();
        assertThat(heard.blind).containsExactly(last);
        now = now.plusSeconds(100);
        Instant announced = now.minusSeconds(90);
        page(watch, notice("n-1", SKYN, announced));

        assertThat(heard.sighted).containsExactly(Duration.ofSeconds(160));
        assertThat(heard.coins()).containsExactly("SKYN");
    }

    @Test
    void a_pong_of_the_notice_socket_is_a_good_answer_and_so_is_an_unchanged_list() throws Exception {
        Watch watch = running();
        for (int i = 0; i < 3; i++) {
            now = now.plusSeconds(50);
            watch.answered(new Answer.Pong(Source.NOTICE_SOCKET, "s.example", now, now));
            watch.look();
            now = now.plusSeconds(50);
            watch.answered(new Answer.Unchanged(Source.NOTICE_LIST, "a.example", now, now, Instant.MIN));
            watch.look();
        }

        assertThat(heard.blind).isEmpty();
    }

    @Test
    void a_clock_that_is_wrong_is_measured() throws Exception {
        Watch watch = running();
        for (int i = 0; i < 20; i++) {
            now = now.plusMillis(2_137);
            watch.answered(new Answer.Unchanged(
                    Source.NOTICE_LIST,
                    "a.example",
                    now.minusMillis(30),
                    now,
                    now.plusMillis(3_400).truncatedTo(ChronoUnit.SECONDS)));
        }

        assertThat(watch.clockAhead().orElseThrow()).isBetween(Duration.ofMillis(2_900), Duration.ofMillis(3_900));
    }

    /// Remembers what it heard.
    private static final class Heard implements Watch.Listener {
        final List<Listing> fired = new ArrayList<>();
        final List<Listing> seenAgain = new ArrayList<>();
        final List<String> amended = new ArrayList<>();
        final List<Listing> corrected = new ArrayList<>();
        final List<Notice> unclear = new ArrayList<>();
        final List<Instant> blind = new ArrayList<>();
        final List<Duration> sighted = new ArrayList<>();
        Runnable whenFired = () -> {};

        List<String> coins() {
            return fired.stream().map(Listing::coin).toList();
        }

        @Override
        public void fired(Listing listing) {
            fired.add(listing);
            whenFired.run();
        }

        @Override
        public void seenAgain(Listing listing) {
            seenAgain.add(listing);
        }

        @Override
        public void amended(Notice notice, NoticeTitle title, List<Listing> listings) {
            StringBuilder text = new StringBuilder();
            listings.forEach(listing -> text.append(listing.coin()).append(' '));
            amended.add(text.append(title.kind()).toString());
        }

        @Override
        public void corrected(Listing was, Listing is) {
            corrected.add(is);
        }

        @Override
        public void unclear(Notice notice) {
            unclear.add(notice);
        }

        @Override
        public void blind(Instant since) {
            blind.add(since);
        }

        @Override
        public void sighted(Instant since, Instant until) {
            sighted.add(Duration.between(since, until));
        }
    }
}
