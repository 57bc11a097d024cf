namespace Hornet.Interop;

/// <summary>Linux error numbers (x86-64 and every other architecture with the generic table).</summary>
public enum Errno
{
    /// <summary>No error.</summary>
    None = 0,
    /// <summary>Operation not permitted.</summary>
    EPERM = 1,
    /// <summary>No such file or directory.</summary>
    ENOENT = 2,
    /// <summary>No such process.</summary>
    ESRCH = 3,
    /// <summary>Interrupted system call.</summary>
    EINTR = 4,
    /// <summary>Input/output error.</summary>
    EIO = 5,
    /// <summary>No such device or address.</summary>
    ENXIO = 6,
    /// <summary>Argument list too long.</summary>
    E2BIG = 7,
    /// <summary>Exec format error.</summary>
    ENOEXEC = 8,
    /// <summary>Bad file descriptor.</summary>
    EBADF = 9,
    /// <summary>No child processes.</summary>
    ECHILD = 10,
    /// <summary>Resource temporarily unavailable.</summary>
    EAGAIN = 11,
    /// <summary>Cannot allocate memory.</summary>
    ENOMEM = 12,
    /// <summary>Permission denied.</summary>
    EACCES = 13,
    /// <summary>Bad address.</summary>
    EFAULT = 14,
    /// <summary>Block device required.</summary>
    ENOTBLK = 15,
    /// <summary>Device or resource busy.</summary>
    EBUSY = 16,
    /// <summary>File exists.</summary>
    EEXIST = 17,
    /// <summary>Invalid cross-device link.</summary>
    EXDEV = 18,
    /// <summary>No such device.</summary>
    ENODEV = 19,
    /// <summary>Not a directory.</summary>
    ENOTDIR = 20,
    /// <summary>Is a directory.</summary>
    EISDIR = 21,
    /// <summary>Invalid argument.</summary>
    EINVAL = 22,
    /// <summary>Too many open files in system.</summary>
    ENFILE = 23,
    /// <summary>Too many open files.</summary>
    EMFILE = 24,
    /// <summary>Inappropriate ioctl for device.</summary>
    ENOTTY = 25,
    /// <summary>Text file busy.</summary>
    ETXTBSY = 26,
    /// <summary>File too large.</summary>
    EFBIG = 27,
    /// <summary>No space left on device.</summary>
    ENOSPC = 28,
    /// <summary>Illegal seek.</summary>
    ESPIPE = 29,
    /// <summary>Read-only file system.</summary>
    EROFS = 30,
    /// <summary>Too many links.</summary>
    EMLINK = 31,
    /// <summary>Broken pipe.</summary>
    EPIPE = 32,
    /// <summary>Numerical argument out of domain.</summary>
    EDOM = 33,
    /// <summary>Numerical result out of range.</summary>
    ERANGE = 34,
    /// <summary>Resource deadlock avoided.</summary>
    EDEADLK = 35,
    /// <summary>File name too long.</summary>
    ENAMETOOLONG = 36,
    /// <summary>No locks available.</summary>
    ENOLCK = 37,
    /// <summary>Function not implemented.</summary>
    ENOSYS = 38,
    /// <summary>Directory not empty.</summary>
    ENOTEMPTY = 39,
    /// <summary>Too many levels of symbolic links.</summary>
    ELOOP = 40,
    /// <summary>No data available.</summary>
    ENODATA = 61,
    /// <summary>Link has been severed.</summary>
    ENOLINK = 67,
    /// <summary>Protocol error.</summary>
    EPROTO = 71,
    /// <summary>Value too large for defined data type.</summary>
    EOVERFLOW = 75,
    /// <summary>Invalid or incomplete multibyte or wide character; for probes: not at an instruction's start.</summary>
    EILSEQ = 84,
    /// <summary>Socket operation on non-socket.</summary>
    ENOTSOCK = 88,
    /// <summary>Protocol not supported.</summary>
    EPROTONOSUPPORT = 93,
    /// <summary>Operation not supported.</summary>
    EOPNOTSUPP = 95,
    /// <summary>Address family not supported by protocol.</summary>
    EAFNOSUPPORT = 97,
    /// <summary>Address already in use.</summary>
    EADDRINUSE = 98,
    /// <summary>Cannot assign requested address.</summary>
    EADDRNOTAVAIL = 99,
    /// <summary>Network is down.</summary>
    ENETDOWN = 100,
    /// <summary>Network is unreachable.</summary>
    ENETUNREACH = 101,
    /// <summary>No buffer space available.</summary>
    ENOBUFS = 105,
    /// <summary>Transport endpoint is already connected.</summary>
    EISCONN = 106,
    /// <summary>Transport endpoint is not connected.</summary>
    ENOTCONN = 107,
    /// <summary>Connection timed out.</summary>
    ETIMEDOUT = 110,
    /// <summary>Connection refused.</summary>
    ECONNREFUSED = 111,
    /// <summary>Operation already in progress.</summary>
    EALREADY = 114,
    /// <summary>Stale file handle.</summary>
    ESTALE = 116,
    /// <summary>Operation canceled.</summary>
    ECANCELED = 125,
    /// <summary>Operation is not supported.</summary>
    ENOTSUPP = 524,
}

/// <summary>Text for error numbers.</summary>
public static class ErrnoExtensions
{
    /// <summary>The number's name and meaning, as <c>EPERM (Operation not permitted)</c>.</summary>
    public static string Describe(this Errno errno) => errno switch
    {
        Errno.None => "no error",
        Errno.EPERM => "EPERM (Operation not permitted)",
        Errno.ENOENT => "ENOENT (No such file or directory)",
        Errno.ESRCH => "ESRCH (No such process)",
        Errno.EINTR => "EINTR (Interrupted system call)",
        Errno.EIO => "EIO (Input/output error)",
        Errno.ENXIO => "ENXIO (No such device or address)",
        Errno.E2BIG => "E2BIG (Argument list too long)",
        Errno.ENOEXEC => "ENOEXEC (Exec format error)",
        Errno.EBADF => "EBADF (Bad file descriptor)",
        Errno.ECHILD => "ECHILD (No child processes)",
        Errno.EAGAIN => "EAGAIN (Resource temporarily unavailable)",
        Errno.ENOMEM => "ENOMEM (Cannot allocate memory)",
        Errno.EACCES => "EACCES (Permission denied)",
        Errno.EFAULT => "EFAULT (Bad address)",
        Errno.ENOTBLK => "ENOTBLK (Block device required)",
        Errno.EBUSY => "EBUSY (Device or resource busy)",
        Errno.EEXIST => "EEXIST (File exists)",
        Errno.EXDEV => "EXDEV (Invalid cross-device link)",
        Errno.ENODEV => "ENODEV (No such device)",
        Errno.ENOTDIR => "ENOTDIR (Not a directory)",
        Errno.EISDIR => "EISDIR (Is a directory)",
        Errno.EINVAL => "EINVAL (Invalid argument)",
        Errno.ENFILE => "ENFILE (Too many open files in system)",
        Errno.EMFILE => "EMFILE (Too many open files)",
        Errno.ENOTTY => "ENOTTY (Inappropriate ioctl for device)",
        Errno.ETXTBSY => "ETXTBSY (Text file busy)",
        Errno.EFBIG => "EFBIG (File too large)",
        Errno.ENOSPC => "ENOSPC (No space left on device)",
        Errno.ESPIPE => "ESPIPE (Illegal seek)",
        Errno.EROFS => "EROFS (Read-only file system)",
        Errno.EMLINK => "EMLINK (Too many links)",
        Errno.EPIPE => "EPIPE (Broken pipe)",
        Errno.EDOM => "EDOM (Numerical argument out of domain)",
        Errno.ERANGE => "ERANGE (Numerical result out of range)",
        Errno.EDEADLK => "EDEADLK (Resource deadlock avoided)",
        Errno.ENAMETOOLONG => "ENAMETOOLONG (File name too long)",
        Errno.ENOLCK => "ENOLCK (No locks available)",
        Errno.ENOSYS => "ENOSYS (Function not implemented)",
        Errno.ENOTEMPTY => "ENOTEMPTY (Directory not empty)",
        Errno.ELOOP => "ELOOP (Too many levels of symbolic links)",
        Errno.ENODATA => "ENODATA (No data available)",
        Errno.ENOLINK => "ENOLINK (Link has been severed)",
        Errno.EPROTO => "EPROTO (Protocol error)",
        Errno.EOVERFLOW => "EOVERFLOW (Value too large for defined data type)",
        Errno.EILSEQ => "EILSEQ (Illegal byte sequence)",
        Errno.ENOTSOCK => "ENOTSOCK (Socket operation on non-socket)",
        Errno.EPROTONOSUPPORT => "EPROTONOSUPPORT (Protocol not supported)",
        Errno.EOPNOTSUPP => "EOPNOTSUPP (Operation not supported)",
        Errno.EAFNOSUPPORT => "EAFNOSUPPORT (Address family not supported by protocol)",
        Errno.EADDRINUSE => "EADDRINUSE (Address already in use)",
        Errno.EADDRNOTAVAIL => "EADDRNOTAVAIL (Cannot assign requested address)",
        Errno.ENETDOWN => "ENETDOWN (Network is down)",
        Errno.ENETUNREACH => "ENETUNREACH (Network is unreachable)",
        Errno.ENOBUFS => "ENOBUFS (No buffer space available)",
        Errno.EISCONN => "EISCONN (Transport endpoint is already connected)",
        Errno.ENOTCONN => "ENOTCONN (Transport endpoint is not connected)",
        Errno.ETIMEDOUT => "ETIMEDOUT (Connection timed out)",
        Errno.ECONNREFUSED => "ECONNREFUSED (Connection refused)",
        Errno.EALREADY => "EALREADY (Operation already in progress)",
        Errno.ESTALE => "ESTALE (Stale file handle)",
        Errno.ECANCELED => "ECANCELED (Operation canceled)",
        Errno.ENOTSUPP => "ENOTSUPP (Operation is not supported)",
        _ => $"errno {(int)errno}",
    };
}
