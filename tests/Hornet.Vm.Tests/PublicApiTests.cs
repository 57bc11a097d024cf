using Hornet.Core.Tests.Structure;

namespace Hornet.Vm.Tests;

public class PublicApiTests
{
    [Fact]
    public void The_public_surface_of_Hornet_Vm_is_the_approved_one() => PublicApiFile.Compare(typeof(BpfMachine).Assembly, "src/Hornet.Vm/PublicAPI.approved.txt");
}
