package io.metdc.listings.watch;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URI;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What the fields of a notice are called by a source, and how they are read.
record NoticeFields(
        String uuid, String id, String title, String category, String firstListedAt, String listedAt, String url) {

    /// The list of notices.
    static final NoticeFields LIST =
            new NoticeFields("uuid", "id", "title", "category", "first_listed_at", "listed_at", "");

    /// The notice WebSocket in its format DEFAULT.
    static final NoticeFields DEFAULT =
            new NoticeFields("uuid", "", "title", "category", "first_listed_at", "listed_at", "url");

    /// The notice WebSocket in its format SIMPLE.
    static final NoticeFields SIMPLE = new NoticeFields("uid", "", "tt", "cat", "flat", "lat", "url");

    /// Reads an answer; one that goes on behind its end is none.
    static final ObjectReader JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build()
            .reader();

    private static final String PUBLIC_PAGE = "https://upbit.com/service_center/notice?id=";

    /// Keys become parts of addresses.
    private static final Pattern KEY = Pattern.compile("[A-Za-z0-9_-]{1,64}");

    private static final int MAX_CATEGORY = 100;
    private static final int MAX_URL = 1000;
    private static final int FIRST_YEAR = 2017;
    private static final int LAST_YEAR = 2100;

    private static final DateTimeFormatter TIME = new DateTimeFormatterBuilder()
            .append(DateTimeFormatter.ISO_LOCAL_DATE_TIME)
            .appendPattern("[XXX][XX][X]")
            .toFormatter();

    /// Reads one notice.
    ///
    /// @throws IOException when it has no key, title or time; its message names it and says why
    Notice read(JsonNode row) throws IOException {
        String uuid = key(row.path(this.uuid));
        String id = key(row.path(this.id));
        String title = title(row.path(this.title).asText());
        if (uuid.isEmpty() && id.isEmpty()) {
            throw unreadable(row, "it has neither uuid nor id");
        }
        if (!row.path(this.title).isTextual() || title.isBlank()) {
            throw unreadable(row, "it has no title");
        }
        Instant first = time(row, firstListedAt);
        JsonNode listed = row.path(listedAt);
        return new Notice(
                uuid,
                id,
                title,
                text(row.path(category), MAX_CATEGORY),
                first,
                listed.isMissingNode() || listed.isNull() ? first : time(row, listedAt),
                url(row, uuid.isEmpty() ? id : uuid));
    }

    /// What is too long to be read keeps its beginning, and stays too long, so that a person is told of it.
    private static String title(String published) {
        return published.length() > TitleText.LONGEST ? TitleText.onOneLine(published) : published;
    }

    private static String key(JsonNode value) {
        String text = value.isTextual() ? value.asText().strip() : value.isIntegralNumber() ? value.asText() : "";
        return KEY.matcher(text).matches() ? text : "";
    }

    private static String text(JsonNode value, int longest) {
        String text = value.isTextual() ? value.asText() : "";
        return text.length() > longest ? text.substring(0, longest) : text;
    }

    private Instant time(JsonNode row, String field) throws IOException {
        String text = row.path(field).asText().strip();
        try {
            OffsetDateTime time = OffsetDateTime.parse(text, TIME);
            if (time.getYear() >= FIRST_YEAR && time.getYear() < LAST_YEAR) {
                return time.toInstant();
            }
        } catch (DateTimeException _) {
            // said below
        }
        throw unreadable(row, field + " is no time: " + Excerpt.of(text));
    }

    private @Nullable URI url(JsonNode row, String key) {
        String written = row.path(url).asText();
        if (written.startsWith("https://") && written.length() <= MAX_URL) {
            try {
                return URI.create(written);
            } catch (IllegalArgumentException _) {
                // ours is as good
            }
        }
        return URI.create(PUBLIC_PAGE + key);
    }

    private IOException unreadable(JsonNode row, String why) {
        String named = row.path(uuid).asText() + " " + row.path(id).asText() + " "
                + row.path(title).asText();
        return new IOException("notice " + Excerpt.of(named.strip()) + ": " + why);
    }
}
