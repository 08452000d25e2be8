package io.metdc.collector;

import io.metdc.storage.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// A cluster that an embedded server has created and left, to be copied: to unpack the programs and to create a
/// cluster takes seconds, to copy one takes none. It has its roles and an empty database, no tables.
public final class ReadyCluster {
    private static final Path TEMPLATE = create();

    private ReadyCluster() {}

    /// Puts a copy into a data folder that has no server yet.
    ///
    /// @return its server, which does not run yet
    public static EmbeddedPostgres in(Path dataDirectory) throws IOException {
        for (Path file : under(TEMPLATE)) {
            Path copy = dataDirectory.resolve(TEMPLATE.relativize(file).toString());
            if (file.toString().contains("/binaries/") && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                Files.createLink(copy, file);
            } else if (file.equals(TEMPLATE)) {
                Files.createDirectories(copy);
            } else {
                Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES, LinkOption.NOFOLLOW_LINKS);
            }
        }
        EmbeddedPostgres server = EmbeddedPostgres.in(dataDirectory);
        Files.delete(server.folder().resolve("port")); // each copy takes one of its own
        // Processes are killed here, machines are not.
        Files.writeString(
                server.folder().resolve("data").resolve("local.conf"), "fsync = off\nfull_page_writes = off\n");
        return server;
    }

    private static Path create() {
        try {
            Path folder = Files.createTempDirectory("metdc-test-cluster");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder)));
            EmbeddedPostgres server = EmbeddedPostgres.in(folder);
            server.start();
            server.stop(Duration.ofSeconds(20));
            return folder;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static void delete(Path folder) {
        try {
            for (Path file : under(folder).reversed()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Each folder before what is in it.
    private static List<Path> under(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.sorted(Comparator.naturalOrder()).toList();
        }
    }
}
