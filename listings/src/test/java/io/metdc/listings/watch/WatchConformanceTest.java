package io.metdc.listings.watch;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.metdc.listings.Listing;
import io.metdc.listings.Source;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Feeds the recorded sequence of polls to the watch: what fires is what the recording's own notes say, once.
@EnabledIfSystemProperty(
        named = "metdc.frames",
        matches = ".+",
        disabledReason = "-Dmetdc.frames names no recorded frames")
class WatchConformanceTest {
    @TempDir
    private Path folder;

    private final List<String> fired = new ArrayList<>();
    private Instant now = Instant.EPOCH;

    private static JsonNode polls() throws IOException {
        return new ObjectMapper()
                .readTree(Path.of(
                                Objects.requireNonNull(System.getProperty("metdc.frames")),
                                "upbit",
                                "announcements-sequence.json")
                        .toFile());
    }

    private Watch watch(boolean additions) throws IOException {
        return new Watch(
                folder.resolve("notices.json"),
                new Watch.Rules(additions, true, Duration.ofDays(7)),
                new Fired(),
                () -> now);
    }

    private void feed(Watch watch, JsonNode poll) throws IOException {
        now = OffsetDateTime.parse(poll.path("polled_at").asText()).toInstant();
        NoticePage page = NoticePage.read(poll.path("response").toString().getBytes(StandardCharsets.UTF_8));
        watch.answered(new Answer.Notices(
                Source.NOTICE_LIST, "recorded", now.minusMillis(50), now, page.notices(), true, Instant.MIN));
    }

    @Test
    void one_coin_fires_for_won_and_only_once() throws Exception {
        Watch watch = watch(false);
        for (JsonNode poll : polls()) {
            feed(watch, poll);
        }

        assertThat(fired).containsExactly("CRV [KRW, USDT] 2026-08-21T02:22:40Z at 2026-08-21T02:22:43Z late=false");
    }

    @Test
    void nothing_fires_again_when_every_poll_is_a_restart() throws Exception {
        for (JsonNode poll : polls()) {
            feed(watch(false), poll);
            feed(watch(false), poll);
        }

        assertThat(fired).hasSize(1);
    }

    @Test
    void with_additions_five_more_coins_fire_as_they_are_published() throws Exception {
        Watch watch = watch(true);
        for (JsonNode poll : polls()) {
            feed(watch, poll);
        }

        assertThat(fired).hasSize(6).allMatch(line -> line.endsWith("late=false"));
        assertThat(fired.stream().map(line -> line.replaceFirst(" .*", "")))
                .containsExactly("BICO", "BMT", "NIL", "GWEI", "CRV", "NEXO");
    }

    @ParameterizedTest
    @CsvSource({"3, 1", "4, 0"})
    void a_cold_start_at_a_later_poll_fires_late_or_never(int first, int fires) throws Exception {
        Watch watch = watch(false);
        JsonNode polls = polls();
        for (int i = first; i < polls.size(); i++) {
            feed(watch, polls.get(i));
        }

        assertThat(fired).hasSize(fires).allMatch(line -> line.endsWith("late=true"));
    }

    private final class Fired implements Watch.Listener {
        @Override
        public void fired(Listing listing) {
            fired.add(listing.coin() + " " + listing.markets() + " " + listing.announcedAt() + " at "
                    + listing.firedAt() + " late=" + listing.late());
        }

        @Override
        public void seenAgain(Listing listing) {}

        @Override
        public void amended(Notice notice, NoticeTitle title, List<Listing> listings) {}

        @Override
        public void corrected(Listing was, Listing is) {}

        @Override
        public void unclear(Notice notice) {}

        @Override
        public void blind(Instant since) {}

        @Override
        public void sighted(Instant since, Instant until) {}
    }
}
