package io.metdc.listings.recorder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A crash between any two steps, made by hand.
class ArchiveFolderTest {
    private static final String NAME = "SKYN_20260821_022240";

    @TempDir
    private Path parent;

    private void folder(String name, String... files) throws Exception {
        for (String file : files) {
            Path path = parent.resolve(name).resolve(file);
            Files.createDirectories(path.resolveSibling(""));
            Files.writeString(path, name);
        }
    }

    private List<String> names() throws Exception {
        try (Stream<Path> entries = Files.list(parent)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        }
    }

    private void repair() throws Exception {
        new Archive(parent, InstantSource.system()).repair();
    }

    private void publish(String text) throws Exception {
        ArchiveFolder archive = new ArchiveFolder(parent, NAME);
        archive.begin();
        archive.write("metadata.json", out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
        archive.write("raw/a/spot.json", out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
        archive.publish();
    }

    @Test
    void the_next_one_takes_the_place_of_the_last_and_leaves_nothing_of_it() throws Exception {
        publish("first");
        Files.writeString(parent.resolve(NAME).resolve("of the first"), "");

        publish("second");

        assertThat(names()).containsExactly(NAME);
        assertThat(parent.resolve(NAME).resolve("raw/a/spot.json")).hasContent("second");
        assertThat(parent.resolve(NAME).resolve("of the first")).doesNotExist();
    }

    @Test
    void a_crash_while_the_first_is_written_leaves_nothing_half() throws Exception {
        folder(NAME + ".new", "raw/a/spot.json");

        repair();

        assertThat(names()).isEmpty();
    }

    @Test
    void a_crash_while_the_next_is_written_leaves_the_last() throws Exception {
        folder(NAME, "metadata.json");
        folder(NAME + ".new", "raw/a/spot.json");

        repair();

        assertThat(names()).containsExactly(NAME);
        assertThat(parent.resolve(NAME).resolve("metadata.json")).hasContent(NAME);
    }

    @Test
    void a_crash_between_the_two_renames_brings_the_last_back() throws Exception {
        folder(NAME + ".old", "metadata.json", "raw/a/spot.json");
        folder(NAME + ".new", "metadata.json", "raw/a/spot.json");

        repair();

        assertThat(names()).containsExactly(NAME);
        assertThat(parent.resolve(NAME).resolve("raw/a/spot.json")).hasContent(NAME + ".old");
    }

    @Test
    void a_crash_while_the_last_is_removed_leaves_the_next() throws Exception {
        folder(NAME, "metadata.json");
        folder(NAME + ".old", "raw/a/spot.json");

        repair();

        assertThat(names()).containsExactly(NAME);
        assertThat(parent.resolve(NAME).resolve("metadata.json")).hasContent(NAME);
    }

    @Test
    void what_a_crash_left_does_not_keep_the_next_one_from_being_published() throws Exception {
        folder(NAME + ".old", "metadata.json");
        folder(NAME + ".new", "metadata.json");

        publish("next");

        assertThat(names()).containsExactly(NAME);
        assertThat(parent.resolve(NAME).resolve("metadata.json")).hasContent("next");
    }

    @Test
    void a_failure_while_the_next_is_written_leaves_the_last() throws Exception {
        publish("first");
        ArchiveFolder archive = new ArchiveFolder(parent, NAME);
        archive.begin();

        assertThatThrownBy(() -> archive.write("metadata.json", _ -> {
                    throw new java.io.IOException("disk full");
                }))
                .hasMessage("disk full");

        assertThat(parent.resolve(NAME).resolve("metadata.json")).hasContent("first");
        publish("second");
        assertThat(names()).containsExactly(NAME);
    }

    @Test
    void what_is_not_ours_is_left_alone() throws Exception {
        folder("notes.old", "a");
        folder("x", "b");
        Path outside = Files.createDirectories(parent.resolve("x"));
        Files.createDirectories(parent.resolve(NAME + ".old"));
        Files.createSymbolicLink(parent.resolve(NAME + ".old").resolve("link"), outside);
        folder(NAME, "metadata.json");

        repair();

        assertThat(names()).containsExactly(NAME, "notes.old", "x");
        assertThat(outside.resolve("b")).exists();
    }

    @ParameterizedTest
    @ValueSource(strings = {"../x", "a/b", "..", ".", "", "/tmp"})
    void a_name_that_is_a_path_is_none(String name) {
        assertThatThrownBy(() -> new ArchiveFolder(parent, name)).isInstanceOf(IllegalArgumentException.class);
    }
}
