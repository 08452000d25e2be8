package io.metdc.collector;

import io.metdc.collector.config.Amounts;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The folder that holds the journal and the embedded database, held by one process at a time for as long
/// as it lives: the lock is the operating system's, so a process that was killed leaves none behind.
///
/// `lock` in it says who has it: `pid 1234` and `since 2026-11-20T13:00:00Z`.
public final class DataFolder implements AutoCloseable {
    private static final String LOCK = "lock";
    private static final int LONGEST_OWNER = 200;

    /// The system's locks do not hold within one process, and would even end when a second channel on the
    /// file is closed.
    private static final Set<Path> HELD_HERE = new HashSet<>();

    private final Path path;
    private final FileChannel channel;
    private final FileLock lock;

    private DataFolder(Path path, FileChannel channel, FileLock lock) {
        this.path = path;
        this.channel = channel;
        this.lock = lock;
    }

    /// Makes the folder if it is missing, and takes it.
    ///
    /// @throws FolderUnusable when another process has it, or it cannot be made or written
    public static DataFolder open(Path folder, InstantSource clock) throws FolderUnusable {
        Path path = made(folder);
        synchronized (HELD_HERE) {
            if (HELD_HERE.contains(path)) {
                throw inUse(path, "pid " + ProcessHandle.current().pid() + " (this process)");
            }
            FileChannel channel = null;
            try {
                channel = FileChannel.open(
                        path.resolve(LOCK),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE);
                FileLock lock = lock(channel);
                if (lock == null) {
                    String owner = owner(channel);
                    channel.close();
                    throw inUse(path, owner);
                }
                DataFolder taken = new DataFolder(path, channel, lock);
                taken.sign(clock);
                HELD_HERE.add(path);
                return taken;
            } catch (IOException e) {
                close(channel);
                throw unusable(path, e);
            }
        }
    }

    public Path path() {
        return path;
    }

    /// How much can still be written to the disk that it is on.
    ///
    /// @throws FolderUnusable when the system does not say
    public long freeBytes() throws FolderUnusable {
        try {
            return Files.getFileStore(path).getUsableSpace();
        } catch (IOException e) {
            throw unusable(path, e);
        }
    }

    /// Fails when there is less space than metdc needs to run for a while.
    ///
    /// @throws FolderUnusable when there is less space than `least`
    public void requireFree(long least) throws FolderUnusable {
        long free = freeBytes();
        if (free < least) {
            throw new FolderUnusable("the disk of the data folder " + path + " has " + rounded(free) + " free, and "
                    + rounded(least) + " are needed to begin: make room, or set data_directory to another disk");
        }
    }

    /// Gives the folder up.
    @Override
    public void close() {
        synchronized (HELD_HERE) {
            try {
                if (lock.isValid()) {
                    channel.truncate(0);
                    lock.release();
                }
                channel.close();
            } catch (IOException e) {
                // The system gives the lock up when the process ends; nothing else is lost.
                close(channel);
            } finally {
                HELD_HERE.remove(path);
            }
        }
    }

    private static Path made(Path folder) throws FolderUnusable {
        try {
            return Files.createDirectories(folder.toAbsolutePath().normalize()).toRealPath();
        } catch (IOException e) {
            throw unusable(folder.toAbsolutePath().normalize(), e);
        }
    }

    private static @Nullable FileLock lock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    private void sign(InstantSource clock) throws IOException {
        String owner = "pid " + ProcessHandle.current().pid() + "\nsince "
                + clock.instant().truncatedTo(ChronoUnit.SECONDS) + "\n";
        channel.truncate(0);
        channel.write(ByteBuffer.wrap(owner.getBytes(StandardCharsets.UTF_8)), 0);
    }

    /// What the process that has it wrote, in one line; it may be writing just now.
    private static String owner(FileChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(LONGEST_OWNER);
        channel.read(bytes, 0);
        String text = new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8).strip();
        return text.isEmpty() ? "another process" : text.replaceAll("\\s+", " ");
    }

    private static FolderUnusable inUse(Path path, String owner) {
        return new FolderUnusable(
                "the data folder " + path + " is in use by another metdc, " + owner
                        + ": stop that one first, or give this one a folder of its own with --set data_directory=…",
                true);
    }

    private static FolderUnusable unusable(Path path, IOException e) {
        String why = switch (e) {
            case AccessDeniedException _ -> "permission denied for user " + System.getProperty("user.name");
            case FileAlreadyExistsException _ -> "there is a file in its place";
            case FileSystemException failed when failed.getReason() != null -> failed.getReason();
            default -> String.valueOf(e.getMessage());
        };
        return new FolderUnusable(
                "cannot write to the data folder " + path + " (" + why
                        + "): make it writable, or set data_directory to another one",
                e);
    }

    private static String rounded(long bytes) {
        return Amounts.text(bytes / 1_000_000 * 1_000_000);
    }

    private static void close(@Nullable FileChannel channel) {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                // What led here is what will be reported.
            }
        }
    }
}
