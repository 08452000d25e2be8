package io.metdc.collector;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.metdc.collector.cli.CommandException;
import io.metdc.collector.cli.CoverageTable;
import io.metdc.collector.cli.ExitCode;
import io.metdc.collector.cli.Terminal;
import io.metdc.collector.cli.Version;
import io.metdc.collector.config.Settings;
import io.metdc.completeness.Intake;
import io.metdc.listings.Listing;
import io.metdc.listings.recorder.Archive;
import io.metdc.listings.recorder.Recorder;
import io.metdc.listings.recorder.Stage;
import io.metdc.listings.recorder.Window;
import io.metdc.listings.recorder.Windows;
import io.metdc.storage.Database;
import io.metdc.storage.DatabaseException;
import io.metdc.storage.Writer;
import io.metdc.storage.WriterStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// `metdc listing record`: a running service is asked to record, and where none runs the windows that are over are
/// published here, once what the last run left in its journal is stored. Runs on the main thread.
final class HandRecording {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration LOOK = Duration.ofMillis(100);

    /// How long a stage that is due may take.
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final Settings settings;
    private final Listing listing;
    private final Terminal terminal;
    private final InstantSource clock;
    private final Path archive;

    HandRecording(Settings settings, Listing listing, Terminal terminal, InstantSource clock) {
        this.settings = settings;
        this.listing = listing;
        this.terminal = terminal;
        this.clock = clock;
        archive = settings.dataDirectory().resolve("listings").resolve(listing.id());
    }

    /// Runs to its end, or until an interrupt: a service goes on with it then.
    ///
    /// @return the exit code
    int run() throws CommandException {
        if (Files.isDirectory(archive)) {
            terminal.err().println("it is recorded already: metdc listing show " + listing.id());
            return ExitCode.OK;
        }
        try (Ending _ = Ending.of(Thread.currentThread(), ExitCode.FAILED)) {
            if (wanted() == null) {
                terminal.err().println("its first window is not over yet");
            }
            try (DataFolder folder = DataFolder.open(settings.dataDirectory(), clock)) {
                here(folder);
            } catch (FolderUnusable e) {
                if (!e.isInUse()) {
                    throw CommandException.failed(String.valueOf(e.getMessage()), e);
                }
                new Requests(settings.dataDirectory()).put(listing);
                terminal.err().println("the running service is asked to record " + listing.id());
                awaitArchive();
            }
            return show();
        } catch (InterruptedException e) {
            terminal.err().println("metdc run goes on with it");
            return ExitCode.FAILED;
        } catch (DatabaseException | SQLException | IOException e) {
            throw CommandException.failed(String.valueOf(e.getMessage()), e);
        }
    }

    /// The last stage whose window is over by now; null when none is.
    private @Nullable Stage wanted() {
        Windows windows = Listings.windows(settings.collection());
        Stage wanted = null;
        for (Stage stage : new Stage[] {Stage.CORE, Stage.NEAR, Stage.WIDE}) {
            Window window = windows.of(stage, listing.announcedAt(), null);
            if (window != null && !window.to().plusSeconds(3).isAfter(clock.instant())) {
                wanted = stage;
            }
        }
        boolean isOver =
                !windows.kept(listing.announcedAt(), null).to().plusSeconds(3).isAfter(clock.instant());
        return isOver ? Stage.FINAL : wanted;
    }

    private void here(DataFolder folder) throws DatabaseException, SQLException, IOException, InterruptedException {
        Stage wanted = wanted();
        try (Database database = Database.visit(settings.database())) {
            Archive archives = new Archive(folder.path().resolve("listings"), clock);
            archives.repair();
            Requests requests = new Requests(settings.dataDirectory());
            requests.put(listing); // whatever becomes of this, the next run records it
            storeJournal(database);
            boolean done = wanted != null && publish(database, archives, wanted);
            if (done && wanted == Stage.FINAL) {
                requests.withdraw(listing);
            } else {
                terminal.err().println("what is not over yet is published by metdc run");
            }
        }
    }

    /// What the last run received and did not store goes into the database first: without it the archive would lack
    /// trades and not know it.
    ///
    /// @throws IOException when not all of it can be stored; nothing is published then
    private void storeJournal(Database database) throws IOException, InterruptedException {
        if (!Files.isDirectory(settings.journal().directory())) {
            return;
        }
        try (Intake intake = Collector.journal(settings, clock);
                Writer writer = new Writer(database, intake.tail(), clock)) {
            writer.start();
            intake.stop(); // nothing more comes
            if (!writer.stop(PATIENCE)) {
                WriterStatus status = writer.status();
                throw new IOException("the last run of metdc left trades in its journal that cannot be stored ("
                        + (status.trouble() == null ? status.lag() + " bytes are left" : status.trouble())
                        + "): nothing is published, for it might lack them; metdc run records it");
            }
            if (writer.status().stored() > 0) {
                terminal.err()
                        .println(writer.status().stored()
                                + " trades that the last run had left in its journal are stored now");
            }
        }
    }

    /// @return whether this stage is published
    private boolean publish(Database database, Archive archives, Stage wanted)
            throws SQLException, IOException, InterruptedException {
        StoredMarkets stored = new StoredMarkets(database);
        Path files = Files.createTempDirectory("metdc-recording-"); // the next run keeps its own
        try (Recorder recorder = new Recorder(
                files,
                Listings.windows(settings.collection()),
                stored,
                Listings.publisher(settings, archives, stored, Optional::empty, Version.text(), clock),
                (_, _, _) -> {},
                clock)) {
            recorder.record(listing);
            Instant end = clock.instant().plus(PATIENCE);
            boolean done = isPublished(recorder, wanted);
            while (!done && clock.instant().isBefore(end)) {
                Thread.sleep(LOOK);
                done = isPublished(recorder, wanted);
            }
            return done;
        } finally {
            Files.deleteIfExists(files.resolve(listing.id() + ".json"));
            Files.deleteIfExists(files);
        }
    }

    private boolean isPublished(Recorder recorder, Stage wanted) throws IOException {
        for (Recorder.Status status : recorder.status()) {
            Stage published = status.published();
            if (published != null && published.compareTo(wanted) >= 0) {
                return true;
            }
            if (status.trouble() != null) {
                throw new IOException(status.trouble());
            }
        }
        return false;
    }

    private void awaitArchive() throws InterruptedException {
        Duration toGo = Duration.between(
                clock.instant(),
                Objects.requireNonNull(
                                Listings.windows(settings.collection()).of(Stage.CORE, listing.announcedAt(), null))
                        .to());
        Instant end = clock.instant().plus(PATIENCE).plus(toGo.isNegative() ? Duration.ZERO : toGo);
        while (!Files.isRegularFile(archive.resolve("metadata.json"))
                && clock.instant().isBefore(end)) {
            Thread.sleep(LOOK);
        }
    }

    private int show() throws IOException {
        if (!Files.isDirectory(archive)) {
            terminal.err().println("there is no archive yet");
            return ExitCode.FAILED;
        }
        JsonNode metadata = JSON.readTree(Files.readAllBytes(archive.resolve("metadata.json")));
        JsonNode coverage = JSON.readTree(Files.readAllBytes(archive.resolve("coverage.json")));
        CoverageTable.print(metadata, coverage, terminal.out());
        terminal.out().println();
        terminal.out().println("in " + archive);
        return ExitCode.OK;
    }
}
