// The components of Gigasite in a program in TypeScript: names are in camelCase, numbers carry their unit in their name.
import * as gigasite from "@gigasite/gigasite";

const size = { system: "dgx-h100", scalableUnits: 4 };

const fabric = new gigasite.Fabric("compute", {
    ...size,
    switch: "qm9700",
    supernet: "10.64.0.0/14",
    roles: [gigasite.Role.Compute],
});

const pool = new gigasite.NodePool("train", { ...size, purpose: gigasite.Purpose.Training });

export const switches = fabric.switchCount;
export const gpus = pool.gpuCount;
export const racks = pool.racks;
