import "@fontsource-variable/inter/wght.css";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/charts.css";
import { mount } from "svelte";
import App from "./App.svelte";
import { renewWithoutParts } from "$lib/parts";
import { session } from "$lib/session.svelte";

renewWithoutParts();
void session.load();
const target = document.getElementById("app");
if (target) mount(App, { target });
