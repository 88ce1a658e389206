/** 简体中文: what the first room says, and what the server refuses. */
import app from './app.json';
import composer from './composer.json';
import connection from './connection.json';
import emoji from './emoji.json';
import refusal from './refusal.json';
import rooms from './rooms.json';
import timeline from './timeline.json';
import ui from './ui.json';

export default { ...app, ...composer, ...connection, ...emoji, ...refusal, ...rooms, ...timeline, ...ui };
