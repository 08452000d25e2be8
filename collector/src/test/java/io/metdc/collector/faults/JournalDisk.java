package io.metdc.collector.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A file system of its own for the journal, which has no room when it is told so: a tmpfs that is
/// mounted anew with the size of what is in it. Where nothing may be mounted it is a folder as any other,
/// and cannot be filled: to fill the disk of the whole machine would be somebody else's fault.
final class JournalDisk implements AutoCloseable {
    private static final long BYTES = 4L << 30; // taken only as far as it is used
    private static final long PAGE = 4096;
    private static final Duration LOOK = Duration.ofMillis(20);

    private final Path folder;
    private final boolean isMounted;
    private final Thread atExit = new Thread(this::unmount);
    private @Nullable Thread filling; // the last thread that did

    private JournalDisk(Path folder, boolean isMounted) {
        this.folder = folder;
        this.isMounted = isMounted;
        if (isMounted) {
            Runtime.getRuntime().addShutdownHook(atExit);
        }
    }

    static JournalDisk in(Path folder) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        boolean mounted = run("mount", "-t", "tmpfs", "-o", "size=" + BYTES + ",mode=0700", "tmpfs", folder.toString());
        return new JournalDisk(folder, mounted);
    }

    Path folder() {
        return folder;
    }

    boolean canBeFull() {
        return isMounted;
    }

    /// From now on nothing more goes in, also where something is deleted: somebody else takes the room at
    /// once.
    void fill() {
        filling = Thread.ofVirtual().name("filling").start(() -> {
            try {
                while (true) {
                    FileStore store = Files.getFileStore(folder);
                    long used = store.getTotalSpace() - store.getUnallocatedSpace();
                    if (store.getUnallocatedSpace() > 0) {
                        remount(Math.max(PAGE, used)); // fails when it has grown meanwhile
                    }
                    Thread.sleep(LOOK);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                // it gets its room back
            }
        });
    }

    void free() throws IOException, InterruptedException {
        Thread thread = filling;
        if (thread != null) {
            thread.interrupt();
            thread.join();
        }
        if (!remount(BYTES)) {
            throw new IOException(folder + " could not be given its room back");
        }
    }

    private boolean remount(long bytes) throws InterruptedException {
        return run("mount", "-o", "remount,size=" + bytes, folder.toString());
    }

    private static boolean run(String... command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(List.of(command))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) { // there is no such program here
            return false;
        }
    }

    private void unmount() {
        try {
            if (!run("umount", folder.toString())) {
                run("umount", "-l", folder.toString());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        if (isMounted) {
            unmount();
            Runtime.getRuntime().removeShutdownHook(atExit);
        }
    }
}
