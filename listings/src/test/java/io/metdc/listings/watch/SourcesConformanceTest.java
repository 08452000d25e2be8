package io.metdc.listings.watch;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.metdc.listings.Contract;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/// Recorded answers, where `-Dmetdc.frames` says where they are.
@EnabledIfSystemProperty(named = "metdc.frames", matches = ".+")
class SourcesConformanceTest {
    private static final JsonMapper JSON = new JsonMapper();

    private static Path file(String name) {
        return Path.of(System.getProperty("metdc.frames"), "upbit", name);
    }

    @Test
    void every_notice_of_the_recorded_pages_is_read() throws Exception {
        for (String name : List.of("announcements.json", "announcements-2025-10.json")) {
            byte[] body = Files.readAllBytes(file(name));
            JsonNode rows = JSON.readTree(body).path("data").path("notices");

            NoticePage page = NoticePage.read(body);

            assertThat(page.unreadable()).isEmpty();
            assertThat(page.notices()).hasSize(20).hasSameSizeAs(rows);
            for (int i = 0; i < rows.size(); i++) {
                Notice notice = page.notices().get(i);
                JsonNode row = rows.get(i);
                assertThat(notice.title()).isEqualTo(row.path("title").asText());
                assertThat(notice.id()).isEqualTo(row.path("id").asText());
                assertThat(notice.uuid()).isEqualTo(row.path("uuid").asText());
                assertThat(notice.category()).isEqualTo(row.path("category").asText());
                assertThat(notice.firstListedAt())
                        .isEqualTo(utc(row.path("first_listed_at").asText()));
                assertThat(notice.listedAt())
                        .isEqualTo(utc(row.path("listed_at").asText()));
            }
        }
    }

    private static Instant utc(String korean) {
        return Instant.parse(korean.replace("+09:00", "Z")).minusSeconds(9 * 3600);
    }

    @Test
    void every_recorded_push_is_read_and_its_body_too() throws Exception {
        List<Notice> notices = new ArrayList<>();
        List<NoticeBody> bodies = new ArrayList<>();
        for (String line : Files.readAllLines(file("ws-announcement-samples.jsonl"))) {
            JsonNode frame = JSON.readTree(JSON.readTree(line).path("frame").asText());
            Notice notice = (frame.has("ty") ? NoticeFields.SIMPLE : NoticeFields.DEFAULT).read(frame);
            notices.add(notice);
            if (frame.has("bd")) {
                bodies.add(NoticeBody.read(frame.path("bd").asText(), notice.firstListedAt()));
            }
        }

        assertThat(notices).extracting(Notice::key).containsExactly("851252575", "851252575", "898944907", "851252575");
        assertThat(bodies).hasSize(1);
        assertThat(bodies.getFirst().opening("CRV", "KRW")).contains(Instant.parse("2026-09-07T05:00:00Z"));
        assertThat(bodies.getFirst().opening("CRV", "USDT")).contains(Instant.parse("2026-09-07T05:00:00Z"));
        assertThat(bodies.getFirst().contracts()).containsExactly(new Contract("CRV", "Ethereum", ""));
    }
}
