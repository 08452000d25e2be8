package io.metdc.storage.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/// A real file system of a few pages, where this user may mount one; elsewhere the test is skipped, and
/// what a disk of the test's own says takes its place.
final class SmallDisk implements AutoCloseable {
    private static final int SEGMENT = 64 * 1024;

    private final Path path;

    private SmallDisk(Path path) {
        this.path = path;
    }

    /// @param segments of 64 KiB that find room
    static SmallDisk mount(Path directory, int segments) throws IOException {
        Path path = Files.createDirectory(directory.resolve("small-disk"));
        boolean mounted = System.getProperty("os.name").equals("Linux")
                && run(
                        "mount",
                        "-t",
                        "tmpfs",
                        "-o",
                        "mode=700,size=" + (long) segments * SEGMENT,
                        "tmpfs",
                        path.toString());
        Assumptions.assumeTrue(mounted, "no file system may be mounted here");
        return new SmallDisk(path);
    }

    Path path() {
        return path;
    }

    /// Fills it with one file.
    ///
    /// @param left bytes that stay free
    /// @return the file
    Path fillBut(long left) throws IOException {
        Path ballast = path.resolve("ballast");
        Files.write(ballast, new byte[(int) (Files.getFileStore(path).getUsableSpace() - left)]);
        return ballast;
    }

    void readOnly() {
        assertThat(run("mount", "-o", "remount,ro", path.toString())).isTrue();
    }

    @Override
    public void close() {
        assertThat(run("umount", "-l", path.toString())).isTrue();
    }

    private static boolean run(String... command) {
        try {
            Process process = new ProcessBuilder(List.of(command))
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor() == 0;
        } catch (IOException e) {
            return false; // there is no such program
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
