package io.metdc.symbols;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/// Writes small files as a whole: after a crash at any instant there is the one before it or the new one.
public final class AtomicFile {
    private AtomicFile() {}

    /// Replaces a file; when this returns, content and name are forced to disk, also when the thread is
    /// interrupted meanwhile, which it then still is. One writer of a file at a time in a process; of several
    /// processes one wins.
    public static void write(Path file, byte[] content) throws IOException {
        boolean interrupted = Thread.interrupted(); // an interrupt closes channels
        try {
            while (true) {
                try {
                    replace(file, content);
                    return;
                } catch (ClosedByInterruptException e) {
                    interrupted |= Thread.interrupted();
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void replace(Path file, byte[] content) throws IOException {
        Path folder = Objects.requireNonNull(file.toAbsolutePath().getParent(), "a file has a name");
        Path unfinished = folder.resolve(
                file.getFileName() + "." + ProcessHandle.current().pid() + ".new");
        Files.createDirectories(folder);
        try {
            fill(unfinished, content);
            Files.move(unfinished, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            discard(unfinished, e); // on a full disk it takes room that others need
            throw e;
        }
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true); // the rename itself
        }
    }

    private static void fill(Path unfinished, byte[] content) throws IOException {
        try (FileChannel channel = FileChannel.open(
                unfinished,
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer left = ByteBuffer.wrap(content);
            while (left.hasRemaining()) {
                channel.write(left);
            }
            channel.force(true);
        }
    }

    private static void discard(Path unfinished, IOException why) {
        try {
            Files.deleteIfExists(unfinished);
        } catch (IOException e) {
            why.addSuppressed(e);
        }
    }
}
