package io.metdc.collector;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.metdc.listings.Listing;
import io.metdc.listings.ListingJson;
import io.metdc.symbols.AtomicFile;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Recordings that a person asks the running service for: a file each in `data/requests`, which the service takes away.
final class Requests {
    private static final Logger log = LoggerFactory.getLogger(Requests.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path folder;

    Requests(Path dataDirectory) {
        folder = dataDirectory.resolve("requests");
    }

    void put(Listing listing) throws IOException {
        AtomicFile.write(folder.resolve(listing.id() + ".json"), JSON.writeValueAsBytes(ListingJson.of(listing)));
    }

    /// Takes one back.
    void withdraw(Listing listing) throws IOException {
        Files.deleteIfExists(folder.resolve(listing.id() + ".json"));
    }

    /// Hands over what was asked for since the last call, and takes each request away when that is done. One that
    /// cannot be read is said, and taken away too.
    void take(Consumer<Listing> recorder) {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.json")) {
            for (Path file : files) {
                try {
                    recorder.accept(ListingJson.read(JSON.readTree(Files.readAllBytes(file))));
                } catch (IOException | IllegalArgumentException | DateTimeException e) {
                    log.error("the request {} cannot be read: {}", file, e.toString());
                }
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            log.warn("the requests in {} cannot be taken: {}", folder, e.toString());
        }
    }
}
