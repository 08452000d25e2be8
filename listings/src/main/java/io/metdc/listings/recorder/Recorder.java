package io.metdc.listings.recorder;

import io.metdc.listings.Contract;
import io.metdc.listings.Listing;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Records listings: one [Recording] each, all of them side by side. Those that were open when the process ended go on
/// where they were. Thread-safe.
public final class Recorder implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Recorder.class);
    private static final Duration END = Duration.ofSeconds(2);

    /// Of that, for what is being published.
    private static final Duration FINISH = Duration.ofSeconds(1);

    /// Hears how recordings go on, on their threads.
    public interface Listener {
        /// A stage is there to be read.
        void published(Listing listing, Stage stage, Archive.Published published);
    }

    /// Where a recording stands.
    ///
    /// @param published the last stage that is there; null before the first
    /// @param trouble   what keeps it from going on; null when nothing does
    public record Status(
            Listing listing,
            @Nullable Instant opensAt,
            @Nullable Stage published,
            boolean isOver,
            @Nullable String trouble) {}

    private final Path files;
    private final Windows windows;
    private final Collecting collecting;
    private final Publisher publisher;
    private final Listener listener;
    private final InstantSource clock;
    private final Instant startedAt;
    private final Map<String, Recording> recordings = new LinkedHashMap<>(); // these under the lock
    private final List<Running> running = new ArrayList<>();
    private boolean isClosed;

    private record Running(Recording recording, Thread thread) {}

    /// Nothing runs yet.
    ///
    /// @param files where how far each recording is, is kept
    public Recorder(
            Path files,
            Windows windows,
            Collecting collecting,
            Publisher publisher,
            Listener listener,
            InstantSource clock) {
        this.files = files;
        this.windows = windows;
        this.collecting = collecting;
        this.publisher = publisher;
        this.listener = listener;
        this.clock = clock;
        startedAt = clock.instant();
    }

    /// Goes on with what the runs before this one left open.
    ///
    /// @param fired every listing that is known to have fired: one that has no recording yet was cut off between
    ///              firing and recording
    /// @return those of which nobody was told yet
    public List<Listing> resume(List<Listing> fired) {
        if (Files.isDirectory(files)) {
            try (DirectoryStream<Path> found = Files.newDirectoryStream(files, "*.json")) {
                for (Path file : found) {
                    resume(file);
                }
            } catch (IOException e) {
                log.error("the recordings in {} cannot be listed: {}", files, e.toString());
            }
        }
        for (Listing listing : fired) {
            if (!record(listing)) {
                corrected(listing); // it may have been cut off between the two
            }
        }
        List<Recording> all;
        synchronized (this) {
            all = List.copyOf(recordings.values());
        }
        return all.stream()
                .map(Recording::state)
                .filter(state -> !state.isTold())
                .map(RecordingFile::listing)
                .toList();
    }

    /// Everybody who is to be alerted of it was.
    public void told(Listing listing) {
        Recording recording = recording(listing.id());
        if (recording != null) {
            recording.told();
        }
    }

    private void resume(Path file) {
        try {
            RecordingFile state = RecordingFile.read(file);
            if (begin(state) && !state.isOver()) {
                log.info("the recording of {} goes on", state.listing().id());
            }
        } catch (IOException e) {
            setAside(file, e);
        }
    }

    /// What cannot be read now may be wanted by a person, or by the metdc that wrote it: nothing is written over it.
    private void setAside(Path file, IOException why) {
        Path aside = file.resolveSibling(file.getFileName() + ".unusable-" + clock.millis());
        try {
            Files.move(file, aside, StandardCopyOption.ATOMIC_MOVE);
            log.error(
                    "{}; it is kept as {}, and what is known to have fired is recorded anew", why.getMessage(), aside);
        } catch (IOException e) {
            log.error("{}; it cannot be moved aside: {}", why.getMessage(), e.toString());
        }
    }

    /// Records a listing; one that is recorded already goes on as it does.
    ///
    /// @return whether it is a new one
    public synchronized boolean record(Listing listing) {
        if (recording(listing.id()) != null) {
            return false;
        }
        RecordingFile state = RecordingFile.of(listing);
        try {
            state.write(files);
        } catch (IOException e) {
            log.error("the recording of {} cannot be kept over a restart: {}", listing.id(), e.toString());
        }
        return begin(state);
    }

    /// @return false when there is such a recording already
    private synchronized boolean begin(RecordingFile state) {
        String id = state.listing().id();
        if (isClosed || recordings.containsKey(id)) {
            return false;
        }
        Recording recording = new Recording(state, files, windows, collecting, publisher, listener, startedAt, clock);
        recordings.put(id, recording);
        start(recording);
        return true;
    }

    /// Gives it a thread where there is something to do and nobody does it.
    private synchronized void start(Recording recording) {
        if (isClosed || !recording.starts()) {
            return;
        }
        running.removeIf(one -> !one.thread().isAlive());
        String name = "listing-" + recording.state().listing().id();
        Thread thread = Thread.ofVirtual().name(name).unstarted(recording);
        running.add(new Running(recording, thread));
        thread.start();
    }

    /// A listing was seen by another source, too.
    public void seenAgain(Listing listing) {
        Recording recording = recording(listing.id());
        if (recording != null) {
            recording.seen(listing);
            start(recording);
        }
    }

    /// When trading of a listing opens, as far as is known by now.
    ///
    /// @param kind what its notice is about by now: `listing`, `postponed`
    public void opens(Listing listing, @Nullable Instant at, String kind) {
        Recording recording = recording(listing.id());
        if (recording != null) {
            recording.opens(at, kind);
            start(recording);
        }
    }

    /// The markets of a listing are others than those for which it fired.
    ///
    /// @param listing as it stands now
    public void corrected(Listing listing) {
        Recording recording = recording(listing.id());
        if (recording != null && recording.state().listing().notice().equals(listing.notice())) {
            recording.corrected(listing.markets());
            start(recording);
        }
    }

    /// Where the coin of a listing lives, as its notice says.
    public void lives(Listing listing, List<Contract> contracts) {
        Recording recording = recording(listing.id());
        if (recording != null) {
            recording.lives(contracts);
            start(recording);
        }
    }

    private synchronized @Nullable Recording recording(String id) {
        return recordings.get(id);
    }

    /// All recordings, those that are over too.
    public List<Status> status() {
        List<Recording> all;
        synchronized (this) {
            all = List.copyOf(recordings.values());
        }
        return all.stream()
                .map(recording -> {
                    RecordingFile state = recording.state();
                    return new Status(
                            state.listing(), state.opensAt(), state.published(), state.isOver(), recording.trouble());
                })
                .toList();
    }

    /// Ends the threads, all of them within some seconds: what is being published is finished if that is quick; what is
    /// open goes on at the next start.
    @Override
    public void close() {
        List<Running> left;
        synchronized (this) {
            isClosed = true;
            left = List.copyOf(running);
        }
        long began = System.nanoTime();
        left.forEach(one -> one.recording().end(one.thread()));
        try {
            left = stillRunning(left, began + FINISH.toNanos());
            left.forEach(one -> one.thread().interrupt());
            left = stillRunning(left, began + END.toNanos());
        } catch (InterruptedException e) {
            left.forEach(one -> one.thread().interrupt());
            Thread.currentThread().interrupt();
            return;
        }
        left.forEach(one -> log.warn(
                "{} does not end in time and is left behind", one.thread().getName()));
    }

    /// @param deadline a [System#nanoTime()]
    private static List<Running> stillRunning(List<Running> all, long deadline) throws InterruptedException {
        List<Running> left = new ArrayList<>();
        for (Running one : all) {
            if (!one.thread().join(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())))) {
                left.add(one);
            }
        }
        return left;
    }
}
