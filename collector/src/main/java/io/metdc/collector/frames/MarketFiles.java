package io.metdc.collector.frames;

import io.metdc.collector.config.Amounts;
import io.metdc.market.Market;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The files of one market in one recording, one after the other:
/// `okx-futures-20261121-071503-0001.frames.zst`, with the time (UTC) at which the recording began. Together they are
/// never larger than the limit: then the oldest goes. Files that were there before are never touched. Used by the
/// recording's thread.
final class MarketFiles {
    private static final Logger log = LoggerFactory.getLogger(MarketFiles.class);
    private static final DateTimeFormatter BEGUN =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final Path folder;
    private final Market market;
    private final FrameRecording.Bounds bounds;
    private final InstantSource clock;
    private final String prefix;
    private final Deque<FrameFile> closed = new ArrayDeque<>(); // oldest first
    private @Nullable FrameFile open;
    private Path next; // the file that is open or was to be opened last
    private int number;
    private int begun;
    private boolean reachedLimit;

    MarketFiles(Path folder, Market market, Instant recordingBegan, FrameRecording.Bounds bounds, InstantSource clock) {
        this.folder = folder;
        this.market = market;
        this.bounds = bounds;
        this.clock = clock;
        prefix = market + "-" + BEGUN.format(recordingBegan) + "-";
        next = folder;
    }

    /// Writes a line.
    ///
    /// @return false when it is longer than a file may be, and was left out
    boolean write(byte[] line) throws IOException {
        FrameFile file = open;
        if (file == null || !file.hasRoom(line.length)) {
            byte[] header = LineFormat.header(market, clock.instant());
            file = begin();
            file.write(header);
            if (!file.hasRoom(line.length)) {
                return false;
            }
        }
        file.write(line);
        return true;
    }

    private FrameFile begin() throws IOException {
        finish();
        makeRoom();
        while (true) {
            number++;
            next = folder.resolve(prefix + String.format(Locale.ROOT, "%04d", number) + FrameRecording.ENDING);
            try {
                FrameFile file = new FrameFile(next, bounds.fileBytes());
                open = file;
                begun++;
                return file;
            } catch (FileAlreadyExistsException e) {
                log.debug("{} is of another recording: left as it is", next);
            }
        }
    }

    private void makeRoom() throws IOException {
        while (length() + bounds.fileBytes() > bounds.marketBytes() && !closed.isEmpty()) {
            if (!reachedLimit) {
                reachedLimit = true;
                log.warn(
                        "{}: the recorded frames have reached {}: from now on the oldest ones go",
                        market,
                        Amounts.text(bounds.marketBytes()));
            }
            Files.deleteIfExists(closed.removeFirst().path());
        }
    }

    /// The file that is being written, for a message.
    Path path() {
        return next;
    }

    /// Files begun, deleted ones included.
    int begun() {
        return begun;
    }

    /// Bytes of the files that are kept.
    long length() {
        FrameFile file = open;
        return closed.stream().mapToLong(FrameFile::length).sum() + (file == null ? 0 : file.length());
    }

    void flush() throws IOException {
        FrameFile file = open;
        if (file != null) {
            file.flush();
        }
    }

    /// Closes the file that is open.
    void finish() throws IOException {
        FrameFile file = open;
        if (file != null) {
            open = null;
            closed.add(file);
            file.close();
        }
    }
}
