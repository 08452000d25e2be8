package io.metdc.listings.watch;

import static io.metdc.listings.watch.NoticesServer.answer;
import static io.metdc.listings.watch.NoticesServer.notice;
import static io.metdc.listings.watch.NoticesServer.page;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.metdc.connectors.Network;
import io.metdc.listings.Listing;
import io.metdc.listings.Source;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What cost an earlier collector its listings. Each incident is named where a test holds it; those without one of
/// their own elsewhere are below.
///
/// - 0G, all before the detection was lost and no file could say "not listed there": ListingsTest
///   `the_0g_case_…`, CoverageTest `not_listed_and_switched_off_are_told_apart_from_lost`
/// - TOSHI, detected 16 minutes late, everything lost: KilledListingTest `toshi_…`
/// - AVNT and ZKC, nothing ended the window: RecorderTest `avnt_and_zkc_…`,
///   `what_was_open_goes_on_after_a_restart_…`
/// - a notice had to be 15 seconds young, later one of 30 minutes could fire again: here
/// - the time and the badge of an amendment fired: here, WatchConformanceTest
/// - CHR and SOMI, the window ended with its trigger: ListingsTest `chr_and_somi_…`
/// - nanoseconds met milliseconds and nothing was found in a full buffer: ListingsTest `chr_and_somi_…` (µs, ms and
///   ns in one archive), PlausibilityTest
/// - only the first coin was recorded; cautions and delistings fired: ListingsTest `each_coin_of_the_notice_…`, here,
///   TitleCorpusTest
/// - the list answered 400 and nobody noticed: here; the cache buster: NoticeUrlTest
/// - a full channel dropped, called back-pressure; half a buffer was returned as all of it: OverflowTest,
///   RecorderTest `what_is_still_in_the_journal_is_waited_for_…`
/// - memory at a pump, the log filled the disk, events were cleaned away: ArchiveTest `a_million_trades_…`,
///   StormFilter in LoggingTest, KeptTradesTest
/// - what was seen was saved every 30 seconds and kept for a day: here, WatchTest
///   `it_is_on_disk_before_anything_hears_of_it`, KilledListingTest
class IncidentsTest {
    private static final Instant START = Instant.parse("2026-11-20T01:00:00Z");
    private static final String SKYN = "스카이(SKYN) 신규 거래지원 안내 (KRW, BTC, USDT 마켓)";

    @TempDir
    private Path folder;

    private Instant now = START;
    private final List<String> fired = new CopyOnWriteArrayList<>();
    private final List<Instant> blind = new CopyOnWriteArrayList<>();

    private final class Told implements Watch.Listener {
        @Override
        public void fired(Listing listing) {
            fired.add(listing.coin() + (listing.late() ? " late" : ""));
        }

        @Override
        public void seenAgain(Listing listing) {}

        @Override
        public void amended(Notice amended, NoticeTitle title, List<Listing> listings) {}

        @Override
        public void corrected(Listing was, Listing is) {}

        @Override
        public void unclear(Notice unclear) {}

        @Override
        public void blind(Instant since) {
            blind.add(since);
        }

        @Override
        public void sighted(Instant since, Instant until) {}
    }

    /// Goes on with what an earlier one of the same test wrote.
    private Watch watch() throws IOException {
        return new Watch(
                folder.resolve("notices.json"),
                new Watch.Rules(false, true, Duration.ofDays(7)),
                new Told(),
                () -> now);
    }

    private Watch running() throws IOException {
        Watch watch = watch();
        see(watch, old("n-0", "오래된(OLDC) KRW 마켓 디지털 자산 추가"));
        now = now.plus(Duration.ofHours(5));
        return watch;
    }

    private static Notice old(String key, String title) {
        Instant at = START.minus(Duration.ofDays(3));
        return new Notice(key, "", title, "거래", at, at, null);
    }

    private void see(Watch watch, Notice... notices) {
        watch.answered(new Answer.Notices(
                Source.NOTICE_LIST, "a.example", now.minusMillis(40), now, List.of(notices), true, Instant.MIN));
    }

    @Test
    void the_15_second_rule_a_listing_first_seen_after_16_seconds_is_as_good_as_any() throws Exception {
        Watch watch = running();
        Instant at = now.minusSeconds(16);
        see(watch, new Notice("n-1", "", SKYN, "거래", at, at, null));

        assertThat(fired).containsExactly("SKYN");
    }

    @Test
    void the_30_minute_rule_an_amended_notice_of_a_quarter_of_an_hour_ago_does_not_fire_again() throws Exception {
        Watch watch = running();
        Instant at = now;
        see(watch, new Notice("n-1", "", SKYN, "거래", at, at, null));
        for (int minutes = 5; minutes <= 30; minutes += 5) {
            now = at.plus(Duration.ofMinutes(minutes));
            String title = SKYN + " (거래지원 개시 시점 변경 안내)".repeat(minutes / 5);
            see(watch, new Notice("n-1", "", title, "거래", at, now, null));
            see(watch(), new Notice("n-1", "", title, "거래", at, now, null)); // nor after a restart
        }

        assertThat(fired).containsExactly("SKYN");
    }

    @Test
    void the_badge_of_an_update_an_old_notice_that_is_published_again_at_the_top_does_not_fire() throws Exception {
        Watch watch = running();
        Instant longAgo = old("n-7", "").firstListedAt();
        see(
                watch,
                new Notice("n-7", "", "옛날(PAST) KRW 마켓 디지털 자산 추가 (입출금 안내)", "거래", longAgo, now, null),
                new Notice("n-0", "", "오래된(OLDC) KRW 마켓 디지털 자산 추가 (명칭 변경 안내)", "거래", longAgo, now, null));

        assertThat(fired).isEmpty();
    }

    @Test
    void the_loose_pattern_cautions_delistings_and_festivities_of_a_coin_do_not_fire() throws Exception {
        Watch watch = running();
        List<Notice> page = new ArrayList<>();
        for (String title : List.of(
                "스카이(SKYN) 거래 유의 종목 지정 안내",
                "스카이(SKYN) 거래지원 종료 안내 (12/22 15:00)",
                "스카이(SKYN) KRW 마켓 투자 유의 촉구 안내",
                "[이벤트] 스카이(SKYN) 원화마켓 오픈 이벤트",
                "스카이(SKYN) 신규 거래지원 기념, 총 상금 60,000 SKYN 상당 트레이딩 이벤트!",
                "스카이(SKYN) 입출금 일시 중단 안내",
                "스카이(SKYN) 리브랜딩 및 토큰 스왑에 따른 거래 지원 일시 중단 안내")) {
            page.add(new Notice("n-" + (page.size() + 1), "", title, "거래", now, now, null));
        }
        see(watch, page.toArray(Notice[]::new));

        assertThat(fired).isEmpty();
    }

    @Test
    void the_unnoticed_400_an_answer_that_refuses_the_question_is_no_page_without_news() throws Exception {
        try (NoticesServer server = new NoticesServer((exchange, _) ->
                answer(exchange, 200, page(notice(1, "오래된(OLDC) KRW 마켓 디지털 자산 추가", "2026-11-19T10:00:00+09:00"))))) {
            Watch watch = watch();
            Heard heard = new Heard();
            try (NoticePoller poller = new NoticePoller(
                    NoticePoller.Settings.of(server.list(), null, Duration.ofMillis(200)),
                    Network.DEFAULT,
                    heard,
                    () -> now)) {
                poller.start();
                await().until(() -> !heard.answers.isEmpty());
                server.answers =
                        (exchange, _) -> answer(exchange, 400, "{\"success\":false,\"data\":{\"notices\":[]}}");
                await().until(() -> !heard.failures.isEmpty());
            }
            heard.answers.forEach(watch::answered);
            now = now.plusSeconds(61);
            watch.look();
        }

        assertThat(blind).hasSize(1);
    }

    @Test
    void the_state_of_half_a_minute_ago_what_fired_a_day_before_a_crash_does_not_fire_again() throws Exception {
        Instant at = now.plus(Duration.ofHours(5));
        Watch first = running();
        see(first, new Notice("n-1", "", SKYN, "거래", at, at, null));
        Watch second = watch(); // the first was not even closed
        see(second, new Notice("n-1", "", SKYN, "거래", at, at, null));
        now = now.plus(Duration.ofHours(49));
        Watch third = watch();
        see(third, new Notice("n-1", "", SKYN + " (명칭 변경 안내)", "거래", at, now, null));
        see(third, new Notice("n-9", "", SKYN, "거래", now, now, null)); // issued again

        assertThat(fired).containsExactly("SKYN");
    }
}
