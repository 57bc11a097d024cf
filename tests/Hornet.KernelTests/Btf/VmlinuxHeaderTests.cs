using System.Diagnostics;
using System.Text;
using Hornet.Btf;

namespace Hornet.KernelTests.Btf;

public class VmlinuxHeaderTests
{
    [KernelFact(Needs.VmlinuxBtf, Needs.Clang)]
    public void The_whole_kernel_as_C_compiles_and_every_struct_has_its_size_and_offsets()
    {
        string folder = Directory.CreateTempSubdirectory("hornet-vmlinux-").FullName;
        try
        {
            var spec = KernelBtf.Vmlinux;
            using (StreamWriter header = new(Path.Combine(folder, "vmlinux.h"))) BtfCFormatter.WriteHeader(spec, header);
            int checks = 0;
            using (StreamWriter source = new(Path.Combine(folder, "check.c")))
            {
                source.Write("#include \"vmlinux.h\"\n");
                // Of two types with one name, the header calls the second one it needs name___2; which one that is, is its business.
                var once = spec.Types.Where(t => (t.IsComposite || t.IsEnum || t.Kind == BtfKind.Forward) && !t.IsAnonymous).GroupBy(t => t.Name).Where(g => g.Count() == 1).Select(g => g.Single());
                foreach (var type in once)
                {
                    if (!type.IsComposite) continue;
                    StringBuilder text = new();
                    string name = $"{(type.Kind == BtfKind.Union ? "union" : "struct")} {type.Name}";
                    text.Append($"_Static_assert(sizeof({name}) == {type.Size}, \"\");\n");
                    foreach (var member in type.Members)
                    {
                        if (member.NameBytes.IsEmpty || member.BitfieldSize != 0) continue;
                        text.Append($"_Static_assert(__builtin_offsetof({name}, {member.Name}) == {member.ByteOffset}, \"\");\n");
                        checks++;
                    }
                    source.Write(text);
                }
            }
            using var process = Process.Start(new ProcessStartInfo("clang", ["-target", "bpf", "-Wall", "-ferror-limit=20", "-c", Path.Combine(folder, "check.c"), "-o", Path.Combine(folder, "check.o")]) { RedirectStandardError = true })!;
            string errors = process.StandardError.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, errors);
            Assert.InRange(checks, 10_000, int.MaxValue);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
