using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace Gallery;

public sealed class UploadCheck
{
    private const long MaxBytes = 20 * 1024 * 1024;

    public Task<string?> RefusalAsync(string path, CancellationToken cancellation)
    {
        string? refusal = new FileInfo(path).Length > MaxBytes ? "The file is too large." : null;
        return Task.FromResult(refusal);
    }
}
