package io.metdc.collector;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.metdc.collector.cli.RehearseOptions;
import io.metdc.collector.cli.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `metdc rehearse --listing SKYN`, as a person runs it. It holds itself to seconds, so a busy machine can fail it.
@Tag("long")
class ListingRehearsalTest {
    @TempDir
    private Path home;

    @Test
    void a_rehearsed_listing_ends_with_an_archive_that_equals_what_was_sent() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        RehearseOptions options = new RehearseOptions(Duration.ofSeconds(30), "SKYN", 3_000, 7, false, true, null);

        int exitCode = new Rehearsal(options, Terminal.of(InputStream.nullInputStream(), out, err), home).run();

        assertThat(exitCode).as(err.toString(StandardCharsets.UTF_8)).isZero();
        JsonNode result = new ObjectMapper().readTree(out.toString(StandardCharsets.UTF_8));
        assertThat(result.path("ok").asBoolean()).isTrue();
        assertThat(result.path("listing").path("complete").asBoolean()).isTrue();
        assertThat(result.path("listing").path("raw_files").asInt()).isEqualTo(12);
        assertThat(result.path("listing").path("raw_trades").asLong()).isGreaterThan(1_000);
    }
}
