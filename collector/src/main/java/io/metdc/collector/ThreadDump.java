package io.metdc.collector;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What every thread is at, virtual ones too, as a file in the folder of the logs: `threads-20261121-193004.123.txt`.
/// The
/// newest ten are kept.
final class ThreadDump {
    private static final Logger log = LoggerFactory.getLogger(ThreadDump.class);

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss.SSS", Locale.ROOT).withZone(ZoneOffset.UTC);

    private static final int KEPT = 10;
    private static final String BEGIN = "threads-";

    private ThreadDump() {}

    /// Writes one.
    ///
    /// @return where it is, or why it is not, in words
    static String write(Path folder, Instant at) {
        Path file = folder.toAbsolutePath().resolve(BEGIN + TIME.format(at) + ".txt");
        try {
            Files.createDirectories(folder);
            Files.deleteIfExists(file);
            ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                    .dumpThreads(file.toString(), ThreadDumpFormat.TEXT_PLAIN);
            prune(folder);
            return file.toString();
        } catch (IOException | RuntimeException e) {
            log.warn("what the threads are at cannot be written to {}: {}", file, e.toString());
            return "nowhere: " + e.getMessage();
        }
    }

    private static void prune(Path folder) throws IOException {
        List<Path> dumps;
        try (Stream<Path> files = Files.list(folder)) {
            dumps = files.filter(file -> file.getFileName().toString().startsWith(BEGIN))
                    .sorted(Comparator.<Path>naturalOrder().reversed())
                    .toList();
        }
        for (Path old : dumps.subList(Math.min(KEPT, dumps.size()), dumps.size())) {
            Files.deleteIfExists(old);
        }
    }
}
