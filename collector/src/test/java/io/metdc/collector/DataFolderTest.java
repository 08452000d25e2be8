package io.metdc.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFolderTest {
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-11-20T13:00:00.123Z"));

    @TempDir
    Path home;

    @Test
    void a_folder_that_is_missing_is_made_and_signed() throws Exception {
        try (DataFolder folder = DataFolder.open(home.resolve("a/b"), CLOCK)) {
            assertThat(folder.path()).isEqualTo(home.toRealPath().resolve("a/b"));
            assertThat(Files.readString(folder.path().resolve("lock")))
                    .isEqualTo("pid " + ProcessHandle.current().pid() + "\nsince 2026-11-20T13:00:00Z\n");
            assertThat(folder.freeBytes()).isPositive();
        }
    }

    @Test
    void one_folder_has_one_user_at_a_time_even_within_a_process_and_under_another_name() throws Exception {
        Files.createDirectory(home.resolve("data"));
        Files.createSymbolicLink(home.resolve("link"), home.resolve("data"));
        try (DataFolder _ = DataFolder.open(home.resolve("data"), CLOCK)) {
            assertThatThrownBy(() -> DataFolder.open(home.resolve("link"), CLOCK))
                    .isInstanceOf(FolderUnusable.class)
                    .hasMessageContaining("in use by another metdc, pid "
                            + ProcessHandle.current().pid());
        }
        DataFolder.open(home.resolve("link"), CLOCK).close();
    }

    @Test
    void another_process_that_has_it_is_named_and_one_that_was_killed_is_not_in_the_way() throws Exception {
        Process other = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Holder.class.getName(),
                        home.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader says =
                new BufferedReader(new InputStreamReader(other.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(says.readLine()).isEqualTo("held");

            assertThatThrownBy(() -> DataFolder.open(home, CLOCK))
                    .isInstanceOf(FolderUnusable.class)
                    .hasMessage(
                            "the data folder " + home.toRealPath() + " is in use by another metdc, pid " + other.pid()
                                    + " since 2026-11-20T13:00:00Z: stop that one first, or give this one a folder of its own with"
                                    + " --set data_directory=…");
        } finally {
            other.destroyForcibly();
            assertThat(other.waitFor(10, TimeUnit.SECONDS)).isTrue();
        }
        DataFolder.open(home, CLOCK).close();
    }

    /// Takes a folder and keeps it until it is killed, or whoever started it is gone.
    static final class Holder {
        public static void main(String[] arguments) throws Exception {
            try (DataFolder _ = DataFolder.open(Path.of(arguments[0]), CLOCK)) {
                System.out.println("held");
                long _ = System.in.transferTo(OutputStream.nullOutputStream());
            }
        }
    }

    @Test
    void a_folder_that_cannot_be_made_or_written_is_said_in_a_line() throws Exception {
        Files.writeString(home.resolve("file"), "");
        assertThatThrownBy(() -> DataFolder.open(home.resolve("file"), CLOCK))
                .isInstanceOf(FolderUnusable.class)
                .hasMessage("cannot write to the data folder " + home.resolve("file")
                        + " (there is a file in its place): make it writable, or set data_directory to another one");

        assumeFalse("root".equals(System.getProperty("user.name")), "root may write everywhere");
        Files.createDirectory(home.resolve("closed"));
        Files.setPosixFilePermissions(home.resolve("closed"), PosixFilePermissions.fromString("r-x------"));
        assertThatThrownBy(() -> DataFolder.open(home.resolve("closed"), CLOCK))
                .isInstanceOf(FolderUnusable.class)
                .hasMessageContaining("permission denied for user");
    }

    @Test
    void a_disk_that_is_nearly_full_is_said_before_anything_begins() throws Exception {
        try (DataFolder folder = DataFolder.open(home, CLOCK)) {
            folder.requireFree(1);
            assertThatThrownBy(() -> folder.requireFree(Long.MAX_VALUE))
                    .isInstanceOf(FolderUnusable.class)
                    .hasMessageMatching(
                            "the disk of the data folder .* has \\d+[MG]B free, and .* are needed to begin: .*");
        }
    }
}
